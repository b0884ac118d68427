"""Make records.json: one batch with a record of every kind that this release carries out, the table it begins with, and
records of the reserved kinds that would stand under the same table (put together here: no codec of ours writes them yet).

Run from the repository's root: python tests/vectors/make_records.py
Checked by: tests/chain/formats_decoder.py, which knows the bytes from docs/formats.md alone; the messages and their
signatures are those of messages.json, which eth-account has checked.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from make_messages import FIRST_EXPIRY, KEYS, NOON, address_of, sign, vectors  # noqa: E402

from coin.messages import to_64  # noqa: E402
from coin.records.codec import encode_batch, table_of  # noqa: E402
from coin.records.effects import Effect  # noqa: E402
from coin.records.kinds import KINDS, Kind  # noqa: E402

TARGET = HERE / "records.json"
AS_OF = NOON + 60
MESSAGES = {f"{item['message']}: {item['about']}": item for item in vectors()["messages"]}
CASES: tuple[tuple[Kind, str, tuple[str, ...]], ...] = (
    (Kind.TOP_UP, "TopUp: coins with bonus", ("channel",)),
    (Kind.PAYMENT, "TransferWithAuthorization: windowed nonce", ("payer",)),
    (Kind.PAYMENT_GENERAL, "TransferWithAuthorization: random nonce and a start", ("payer",)),
    (Kind.SEND, "TransferWithAuthorization: the largest amount of a lane, to a person", ("payer",)),
    (Kind.SEND_GENERAL, "TransferWithAuthorization: random nonce, to a person", ("payer",)),
    (Kind.CANCEL, "CancelAuthorization: windowed", ("payer",)),
    (Kind.REDEEM, "Redeem: one payout", ("cashier",)),
    (Kind.MERCHANT, "Merchant: opens number 12", ("staff", "second staff")),
    (Kind.CALENDAR, "Calendar: lane 0", ("staff", "second staff")),
    (Kind.EXPIRE, "", ()),
    (Kind.ROLE, "Role: a channel", ("staff", "second staff")),
)

# The reserved kinds: their message, and their fields in order. A name alone is a value of the message in so many bytes.
TWO = ("signer staff", "signer second staff", "nonceLow", "sig staff", "sig second staff")
RESERVED: tuple[tuple[int, str, tuple[str, ...]], ...] = (
    (
        0x02,
        "Reversal: whole charge",
        ("original 32", "holder at", "coins 3", "coinExpiry 5", "points 3", "pointExpiry 5", *TWO),
    ),
    (
        0x03,
        "Grant: one grant",
        ("signer grants", "holder at", "amount 3", "expiry 5", "fund 32", "nonceLow", "sig grants"),
    ),
    (
        0x08,
        "SpendPermit: one ticket",
        (
            "payer at",
            "payee at",
            "ticketKey 20",
            "maxValue 3",
            "amount 3",
            "validBefore 5",
            "nonce 32",
            "sig payer",
            "sig ticket",
        ),
    ),
    (
        0x09,
        "Refund: one date",
        ("merchant at", "payer at", "amount 3", "expiry 5", "payment 32", "nonceLow", "sig merchant"),
    ),
    (
        0x0C,
        "Advance: one advance",
        ("signer cashier", "merchant at", "amount 8", "refund 32", "nonceLow", "sig cashier"),
    ),
    (
        0x0D,
        "Freeze: 72 hours",
        ("account at", "until 5", "signer staff", "zeros 20", "nonceLow", "sig staff", "zeros 64"),
    ),
    (0x0D, "Freeze: 72 hours", ("account at", "until 5", *TWO)),
    (0x0E, "Unfreeze: one account", ("account at", *TWO)),
    (0x0F, "Recover: lost phone", ("from at", "to at", *TWO)),
    (0x10, "ForcedTransfer: a named reason", ("from at", "to at", "amount 3", "reason 32", *TWO)),
)
TICKET_KIND, TICKET = 0x08, "TicketSpend: part of the ticket"


def raw(text: object) -> bytes:
    """Bytes that stand in a file as 0x hex."""
    return bytes.fromhex(str(text).removeprefix("0x"))


def effect(sequence: int, kind: Kind, name: str, signers: tuple[str, ...]) -> Effect:
    """The row of the journal that carries a message of messages.json."""
    if not name:
        return Effect(sequence, kind, FIRST_EXPIRY.to_bytes(32, "big"))
    message = MESSAGES[name]
    signatures = b"".join(sign(signer, raw(message["digest"])) for signer in signers)
    addresses = b"".join(address_of(signer) for signer in signers)
    return Effect(sequence, kind, raw(message["words"]), signatures, addresses)


def reserved(kind: int, name: str, fields: tuple[str, ...], positions: dict[str, int]) -> bytes:
    """A record of a kind that no release carries out yet."""
    said = dict(MESSAGES[name]["fields"])
    digests = {signer: raw(MESSAGES[name]["digest"]) for signer in KEYS}
    if kind == TICKET_KIND:
        said |= MESSAGES[TICKET]["fields"]
        digests["ticket"] = raw(MESSAGES[TICKET]["digest"])
    return bytes([kind]) + b"".join(_written(field, said, digests, positions) for field in fields)


def _written(
    field: str, said: dict[str, object], digests: dict[str, bytes], positions: dict[str, int]
) -> bytes:
    name, _, form = field.partition(" ")
    if name == "signer":
        return address_of(form)
    if name == "sig":
        return to_64(sign(form, digests[form]))
    if name == "zeros":
        return bytes(int(form))
    if name == "nonceLow":
        return (_number(said["nonce"]) & 0xFFFF).to_bytes(2, "big")
    if form == "at":
        return positions[str(said[name])].to_bytes(2, "big")
    return _number(said[name]).to_bytes(int(form), "big")


def _number(value: object) -> int:
    return int(value, 16) if isinstance(value, str) else int(str(value))


def records() -> dict[str, object]:
    """Give the whole file."""
    data = encode_batch([effect(place + 1, *case) for place, case in enumerate(CASES)], AS_OF)
    at = len(data) - sum(KINDS[kind].size for kind, _, _ in CASES)
    table, rows = data[:at], []
    for kind, name, _ in CASES:
        rows.append(
            {"kind": f"{kind:02X}", "message": name, "bytes": "0x" + data[at : at + KINDS[kind].size].hex()}
        )
        at += KINDS[kind].size
    holders, merchants = table_of(table)
    positions = {"0x" + address.hex(): place for place, address in enumerate([*holders, *merchants])}
    return {
        "made_by": "tests/vectors/make_records.py",
        "checked_by": "tests/chain/formats_decoder.py, from docs/formats.md alone",
        "as_of": AS_OF,
        "table": "0x" + table.hex(),
        "records": rows,
        "reserved": [
            {
                "kind": f"{kind:02X}",
                "message": name,
                "bytes": "0x" + reserved(kind, name, fields, positions).hex(),
            }
            for kind, name, fields in RESERVED
        ],
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(records(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
