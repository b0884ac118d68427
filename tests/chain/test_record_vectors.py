"""Every record of the vectors reads back, by the manual's own table, as the message that was signed."""

import json
import runpy
from pathlib import Path

import pytest
from formats_decoder import cut, layouts, table

from coin.chain.codec import decode_batch
from coin.chain.records import SIZES

VECTORS = Path(__file__).parents[1] / "vectors"
RECORDS = json.loads((VECTORS / "records.json").read_text("utf-8"))
MESSAGES = {
    f"{item['message']}: {item['about']}": item
    for item in json.loads((VECTORS / "messages.json").read_text("utf-8"))["messages"]
}
ROWS = RECORDS["records"]
IDS = [f"{row['kind']} {row['message']}" for row in ROWS]
POSITIONS = {
    "payer": "from",
    "payee": "to",
    "holder": "holder",
    "authorizer": "authorizer",
    "merchant": "merchant",
}
REDEEM, MERCHANT, EXPIRE = "0B", "11", "13"


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
    keys = json.loads((VECTORS / "messages.json").read_text("utf-8"))["keys"]
    fields = cut(raw(row["bytes"]))

    assert next(value for name, value in fields if name == "sig") == raw(message["signature_64"])
    named = [value for name, value in fields if name in ("channel", "cashier", "first signer")]
    assert named in ([], [raw(keys[message["signer"]]["address"])])


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
    assert {f"{kind:02X}": size for kind, size in SIZES.items()}.items() <= {
        kind: layout.length for kind, layout in layouts().items()
    }.items()


def test_our_decoder_reads_the_whole_batch() -> None:
    data = raw(RECORDS["table"]) + b"".join(raw(row["bytes"]) for row in ROWS)

    records = decode_batch(data, len(ROWS), RECORDS["as_of"])

    assert [f"{record.kind:02X}" for record in records] == [row["kind"] for row in ROWS]


def test_every_kind_of_this_release_has_a_vector_and_the_file_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(VECTORS / "make_records.py"))["records"]()

    assert made == RECORDS
    assert {row["kind"] for row in ROWS} == {f"{kind:02X}" for kind in SIZES}
