"""Make records.json: one batch with a record of every kind that this release carries out, and the table it begins with.

Run from the repository's root: python tests/vectors/make_records.py
Checked by: tests/chain/formats_decoder.py, which knows the bytes from docs/formats.md alone; the messages and their
signatures are those of messages.json, which eth-account has checked.
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from make_messages import FIRST_EXPIRY, NOON, address_of, sign, vectors  # noqa: E402

from coin.chain.codec import encode_batch  # noqa: E402
from coin.chain.records import SIZES, Effect, Kind  # noqa: E402

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


def records() -> dict[str, object]:
    """Give the whole file."""
    data = encode_batch([effect(place + 1, *case) for place, case in enumerate(CASES)], AS_OF)
    at = len(data) - sum(SIZES[kind] for kind, _, _ in CASES)
    table, rows = data[:at], []
    for kind, name, _ in CASES:
        rows.append(
            {"kind": f"{kind:02X}", "message": name, "bytes": "0x" + data[at : at + SIZES[kind]].hex()}
        )
        at += SIZES[kind]
    return {
        "made_by": "tests/vectors/make_records.py",
        "checked_by": "tests/chain/formats_decoder.py, from docs/formats.md alone",
        "as_of": AS_OF,
        "table": "0x" + table.hex(),
        "records": rows,
    }


if __name__ == "__main__":
    TARGET.write_text(json.dumps(records(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
