"""A second reader of merchant-presented codes, written from the standard alone; it imports nothing of ours.

The checksum is computed bit by bit from the polynomial x^16 + x^12 + x^5 + 1, the items are cut by recursion.
"""


def checksum(data: bytes) -> str:
    """Give CRC-16/CCITT-FALSE as four upper-case hexadecimal digits."""
    register = 0xFFFF
    for byte in data:
        for bit in range(7, -1, -1):
            carry = register >> 15 ^ (byte >> bit & 1)
            register = (register << 1 & 0xFFFF) ^ (0x1021 if carry else 0)
    return f"{register:04X}"


def cut(text: str) -> list[tuple[str, str]]:
    """Cut text into (id, value); a length that is no number or goes past the end is a ValueError."""
    if not text:
        return []
    end = 4 + int(text[2:4])
    if end > len(text):
        raise ValueError(text)
    return [(text[:2], text[4:end]), *cut(text[end:])]


def meaning(text: str) -> dict[str, str]:
    """Give what a wallet acts on: kind, merchant, municipality, amount and checkout."""
    if checksum(text[:-4].encode()) != text[-4:]:
        raise ValueError("checksum")
    items = dict(cut(text))
    ours = dict(cut(items["27"]))
    return {
        "kind": {"11": "Static", "12": "Dynamic"}[items["01"]],
        "municipality": ours["01"],
        "merchant": ours["02"],
        "amount": items.get("54", ""),
        "checkout": ours.get("04", ""),
    }
