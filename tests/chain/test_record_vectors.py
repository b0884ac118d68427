"""Every record of the vectors reads back, by the manual's own table, as the message that was signed."""

import json
import runpy
from pathlib import Path

import pytest
from eth_account import Account
from formats_decoder import cut, layouts, table

from coin.records.codec import decode_batch
from coin.records.kinds import KINDS

VECTORS = Path(__file__).parents[1] / "vectors"
RECORDS = json.loads((VECTORS / "records.json").read_text("utf-8"))
MESSAGES = {
    f"{item['message']}: {item['about']}": item
    for item in json.loads((VECTORS / "messages.json").read_text("utf-8"))["messages"]
}
KEYS = json.loads((VECTORS / "messages.json").read_text("utf-8"))["keys"]
ROWS = RECORDS["records"]
RESERVED = RECORDS["reserved"]
IDS = [f"{row['kind']} {row['message']}" for row in ROWS]
POSITIONS = {
    "payer": "from",
    "payee": "to",
    "holder": "holder",
    "authorizer": "authorizer",
    "merchant": "merchant",
}
PAYMENT, REDEEM, MERCHANT, EXPIRE = "04", "0B", "11", "13"
TICKET, FREEZE = "08", "0D"
SIGNERS = ("signer", "channel", "cashier", "first signer", "second signer")
TABLE_PLACES = ("payer", "payee", "holder", "merchant", "account", "from", "to")


def raw(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def number(value: object) -> int:
    return int(value, 16) if isinstance(value, str) else int(str(value))


def expected(row: dict[str, str], name: str, said: dict[str, object]) -> tuple[str, object]:
    """What a field of the manual must hold, as a `position` or a `number`."""
    if row["kind"] == MERCHANT and name in ("account", "merchant"):
        return "position", said["account"]
    if name in POSITIONS:
        return "position", said[POSITIONS[name]]
    if name == "validBefore − asOf":
        return "number", number(said["validBefore"]) - RECORDS["as_of"]
    if name == "nonceLow":
        return "number", number(said["nonce"]) & 0xFFFF
    if name == "amount" and row["kind"] != REDEEM:
        return "number", said["value"]
    return "number", said[name]


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_record_says_what_was_signed(row: dict[str, str]) -> None:
    addresses = table(raw(RECORDS["table"]))
    said = MESSAGES[row["message"]]["fields"] if row["message"] else {"expiry": 1_680_274_800}
    fields = cut(raw(row["bytes"]))

    assert fields[-1] == ("", b"")
    for name, value in fields[:-1]:
        if name in ("sig", "replaced", "cashier", "first signer", "second signer"):
            continue
        form, wanted = expected(row, name, said)
        found = addresses[int.from_bytes(value, "big")] if form == "position" else value
        assert int.from_bytes(found, "big") == number(wanted), name


@pytest.mark.parametrize("row", [row for row in ROWS if row["kind"] != EXPIRE], ids=lambda row: row["kind"])
def test_its_first_signature_and_signer_are_those_that_eth_account_checked(row: dict[str, str]) -> None:
    message = MESSAGES[row["message"]]
    fields = cut(raw(row["bytes"]))

    assert next(value for name, value in fields if name == "sig") == raw(message["signature_64"])
    named = [value for name, value in fields if name in ("channel", "cashier", "first signer")]
    assert named in ([], [raw(KEYS[message["signer"]]["address"])])


def test_the_tables_two_parts_ascend_and_hold_who_is_touched() -> None:
    data = raw(RECORDS["table"])
    holders = int.from_bytes(data[:2], "big")
    addresses = table(data)

    assert addresses[:holders] == sorted(set(addresses[:holders]))
    assert addresses[holders:] == sorted(set(addresses[holders:]))


def test_the_lengths_of_the_manual_are_the_sums_of_its_fields() -> None:
    for kind, layout in layouts().items():
        assert 1 + sum(size for _, size in layout.fields) == layout.length, kind

    assert sorted(layouts()) == [f"{kind:02X}" for kind in range(0x01, 0x15)]
    assert {f"{kind:02X}": row.size for kind, row in KINDS.items()} == {
        kind: layout.length for kind, layout in layouts().items()
    }


def test_our_decoder_reads_the_whole_batch() -> None:
    data = raw(RECORDS["table"]) + b"".join(raw(row["bytes"]) for row in ROWS)

    records = decode_batch(data, len(ROWS), RECORDS["as_of"])

    assert [f"{record.kind:02X}" for record in records] == [row["kind"] for row in ROWS]


@pytest.mark.parametrize("last", [b"\x7f" + b"\xff" * 31, b"\xff" * 32, bytes(32)])
def test_our_decoder_reads_a_record_whose_signature_cannot_be_valid(last: bytes) -> None:
    payment = next(row for row in ROWS if row["kind"] == PAYMENT)
    data = raw(RECORDS["table"]) + raw(payment["bytes"])[:-32] + last

    (record,) = decode_batch(data, 1, RECORDS["as_of"])

    assert record.signatures[32:] == bytes([last[0] & 0x7F]) + last[1:] + bytes([27 + (last[0] >> 7)])


def test_every_kind_of_this_release_has_a_vector_and_the_file_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(VECTORS / "make_records.py"))["records"]()

    assert made == RECORDS
    assert {row["kind"] for row in ROWS} == {
        f"{kind:02X}" for kind, row in KINDS.items() if row.is_carried_out
    }


def said_in(row: dict[str, str]) -> dict[str, object]:
    """The fields of a reserved record's message; a ticket carries two."""
    fields = dict(MESSAGES[row["message"]]["fields"])
    return fields | MESSAGES["TicketSpend: part of the ticket"]["fields"] if row["kind"] == TICKET else fields


@pytest.mark.parametrize("row", RESERVED, ids=lambda row: row["kind"])
def test_a_record_of_a_reserved_kind_says_what_was_signed(row: dict[str, str]) -> None:
    addresses, said = table(raw(RECORDS["table"])), said_in(row)
    fields = cut(raw(row["bytes"]))

    assert fields[-1] == ("", b"")
    for name, value in fields[:-1]:
        if name in SIGNERS or name.endswith("sig"):
            continue
        if name in TABLE_PLACES:
            value = addresses[int.from_bytes(value, "big")]
        wanted = number(said["nonce"]) & 0xFFFF if name == "nonceLow" else number(said[name])
        assert int.from_bytes(value, "big") == wanted, name


@pytest.mark.parametrize("row", RESERVED, ids=lambda row: row["kind"])
def test_the_signatures_of_a_reserved_record_are_those_of_its_signers_by_eth_account(
    row: dict[str, str],
) -> None:
    fields = cut(raw(row["bytes"]))
    digests = [raw(MESSAGES[row["message"]]["digest"])] * 2
    if row["kind"] == TICKET:
        digests[1] = raw(MESSAGES["TicketSpend: part of the ticket"]["digest"])
    named = [value for name, value in fields if name in SIGNERS]
    if row["kind"] in (TICKET, "09"):
        named = [
            raw(KEYS[name]["address"])
            for name in (("payer", "ticket") if row["kind"] == TICKET else ("merchant",))
        ]
    signatures = [value for name, value in fields if name.endswith("sig")]

    assert len(named) == len(signatures)
    for signer, digest, signature in zip(named, digests, signatures, strict=False):
        if row["kind"] == FREEZE and signer == bytes(20):
            assert signature == bytes(64)
        else:
            assert recovered(digest, signature) == signer


def recovered(digest: bytes, compact: bytes) -> bytes:
    """The signer of an EIP-2098 signature, by eth-account."""
    s = int.from_bytes(compact[32:], "big")
    vrs = (27 + (s >> 255), int.from_bytes(compact[:32], "big"), s & ((1 << 255) - 1))
    return raw(Account._recover_hash(digest, vrs=vrs))


def test_every_number_of_the_manual_has_a_vector() -> None:
    assert sorted({row["kind"] for row in [*ROWS, *RESERVED]}) == sorted(layouts())
