"""The catalogue has one complete row for each kind, equal to the manual's table, and there is no other table of kinds."""

import ast
import re
from pathlib import Path

import pytest
from formats_decoder import MANUAL, layouts

from coin.records.journal_codes import JournalCode
from coin.records.kinds import KINDS, PAYMENTS, Kind, RecordKind, SignedBy, debits_of_holders, kinds_writing
from coin.records.layout import FIRST, SECOND, Field, Form

ROOT = Path(__file__).parents[2]
ROWS = list(KINDS.values())
CARRIED_OUT = re.search(r"^This release carries out ([^.]+)\.", MANUAL, re.MULTILINE)
EN = dict(re.findall(r"^\| ([0-9A-F]{2}) \| ([^|]+) \| [^|]+ \| \d+ \|$", MANUAL, re.MULTILINE))
# The manual's name of a field, where it is not the message's.
SIGNERS = {
    "channel": FIRST,
    "signer": FIRST,
    "cashier": FIRST,
    "first signer": FIRST,
    "second signer": SECOND,
}
OF_AUTHORIZATIONS = {"payer": "from", "payee": "to", "amount": "value"}
NUMBERS = {int(kind) for kind in Kind}


def named(field: Field) -> str:
    return f"{field.name} {field.size}"


def wanted(kind: int) -> list[str]:
    """The fields of the manual, by the catalogue's names."""
    found, signatures = [], [FIRST, SECOND]
    for name, size in layouts()[f"{kind:02X}"].fields:
        if name.endswith("sig"):
            name = signatures.pop(0)
        elif name == "nonceLow":
            name = "nonce"
        elif name == "validBefore − asOf":
            name = "validBefore"
        elif size == 20:
            name = SIGNERS.get(name, name)
        if kind in PAYMENTS:
            name = OF_AUTHORIZATIONS.get(name, name)
        if kind == Kind.MERCHANT and name == "merchant":
            name = "account"
        found.append(f"{name} {size}")
    return found


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.en)
def test_a_row_has_the_name_and_the_fields_of_the_manual(row: RecordKind) -> None:
    assert row.en == EN[f"{row.kind:02X}"]
    assert [named(field) for field in row.layout] == wanted(row.kind)


def test_there_is_one_row_for_each_kind_of_the_manual() -> None:
    assert set(KINDS) == NUMBERS == {int(kind, 16) for kind in EN}


def test_the_kinds_of_this_release_are_those_of_the_manual() -> None:
    assert CARRIED_OUT is not None
    numbers: set[int] = set()
    for first, last in re.findall(r"([0-9A-F]{2})(?:–([0-9A-F]{2}))?", CARRIED_OUT[1]):
        numbers.update(range(int(first, 16), int(last or first, 16) + 1))

    assert {row.kind for row in ROWS if row.is_carried_out} == numbers


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.en)
def test_what_a_row_names_is_in_its_message(row: RecordKind) -> None:
    fields = {name for message in row.messages for _, name in message.TYPE.fields}
    of_table = {field.name for field in row.layout if field.form not in (Form.SIGNER, Form.SIGNATURE)}

    assert of_table - {"replaced"} <= fields
    assert {name for name in (row.signer, row.debited, *row.gas.first_touches) if name} <= fields
    assert row.is_carried_out == (row.gas.record > 0)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.en)
def test_a_record_has_as_many_signatures_as_sign_it(row: RecordKind) -> None:
    two = (SignedBy.TWO_STAFF, SignedBy.STAFF, SignedBy.PAYER_AND_TICKET)

    assert row.signatures == (0 if row.signed_by is SignedBy.NOBODY else 2 if row.signed_by in two else 1)


def test_who_is_held_by_an_incident_is_the_payer_at_the_place_where_the_words_have_it() -> None:
    columns = debits_of_holders()
    places = dict(zip(columns["kinds"], columns["places"], strict=True))

    assert {kind: place for kind, place in places.items() if KINDS[kind].is_carried_out} == dict.fromkeys(
        PAYMENTS, 13
    )


def test_a_refund_may_end_what_it_gives_back() -> None:
    """What comes back to a date that has ended ends at once: two codes in one operation."""
    assert kinds_writing(JournalCode.EXPIRY) == [Kind.REFUND, Kind.EXPIRE]
    assert kinds_writing(JournalCode.PAYMENT) == [Kind.PAYMENT, Kind.PAYMENT_GENERAL]


def _tables_by_kind(tree: ast.AST) -> list[int]:
    """Lines on which a dict or a set of several kinds is written down."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.Set):
            keys = list(node.elts)
        else:
            continue
        if sum(ast.unparse(key).startswith("Kind.") for key in keys) > 1:
            found.append(node.lineno)
    return found


# Which rule replays a kind is no fact of the kind: a checker shares no rule with what it checks, and has its rules in one place.
REPLAY_RULES = ROOT / "coin" / "reconciliation" / "played.py"


def test_no_second_table_by_kind_stands_anywhere() -> None:
    files = [
        path
        for folder in ("coin", "api", "town_cli", "wallet_cli", "demo")
        for path in (ROOT / folder).rglob("*.py")
        if path != REPLAY_RULES
    ]
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for path in files
        for line in _tables_by_kind(ast.parse(path.read_text("utf-8")))
    }

    assert found == set()
    assert [path for path in files if re.search(r"kind BETWEEN \d", path.read_text("utf-8"))] == []
