"""I-12: after a shop with a bank account was registered, charged at and settled, no bank account and no key stands anywhere
but where it belongs: not on the chain, not in the books, not in an answer, a log or the audit trail."""

import gzip
import re
from pathlib import Path

import pytest
from office import PASSPHRASE, Office

from coin.chain.interface import unhex
from coin.merchant_file import read_merchants
from coin.registry import wallets

RESIDENT = bytes.fromhex("77" * 20)
OFFICES = ("staff-1", "staff-2", "cashier", "settler")


@pytest.fixture(scope="module")
def left_behind(office: Office, example: Path) -> dict[str, bytes]:
    """Everything that others could read afterwards, by where it stands."""
    with office.home.open() as town, town.books() as opened:
        wallets.register(opened, RESIDENT)
    commands = (
        ("merchants", "import", str(example / "merchants.csv")),
        ("charge", "0x" + RESIDENT.hex(), "5000", "--channel", "shokokai"),
        ("charge", "0x" + RESIDENT.hex(), "7", "--channel", "shokokai"),
        ("settle", "--now"),
        ("report",),
    )
    said = [office.run(*words) for words in commands]
    answers = "".join(result.output + repr(result.exception) for result in said)
    return {"an answer": answers.encode(), "the books": books(office), "the chain": chain(office)}


def chain(office: Office) -> bytes:
    """Every account, block and transaction, as the node would store them."""
    with office.home.open_with_node() as (_, rpc):
        stored = gzip.decompress(unhex(rpc.call("anvil_dumpState")))
    assert RESIDENT.hex().encode() in stored, "the charge was settled before this was read"
    return stored


def books(office: Office) -> bytes:
    """Every row of every table, as text."""
    with office.home.open() as town, town.database.transaction() as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        rows = [
            str(row["text"])
            for name in sorted(name["tablename"] for name in names)
            for row in connection.execute(f"SELECT t::text AS text FROM {name} t").fetchall()
        ]
    assert any("SHOTEN A" in row for row in rows)
    return "\n".join(rows).encode()


def bank_accounts(office: Office, example: Path) -> list[re.Pattern[bytes]]:
    """Each account number as a number of its own, each payee's name, and both as the hexadecimal digits of their bytes."""
    found = []
    for row in read_merchants(example / "merchants.csv", office.home.program()):
        number, name = row.account_number.encode(), row.holder_kana
        found.append(re.compile(rb"(?<![0-9a-fA-F])" + number + rb"(?![0-9a-fA-F])"))
        written = [name.encode(), name.encode("cp932").hex().encode(), name.encode().hex().encode()]
        found += [re.compile(re.escape(text)) for text in [*written, number.hex().encode()]]
    return found


def keys(office: Office) -> list[re.Pattern[bytes]]:
    """The keys of the offices and of the receipts, and the passphrase."""
    secrets = [office.home.keyring.key(name, PASSPHRASE).secret.hex() for name in OFFICES]
    secrets.append(office.home.receipts_key_path.read_text("ascii").strip().removeprefix("0x"))
    return [re.compile(re.escape(secret.encode()), re.IGNORECASE) for secret in [*secrets, PASSPHRASE]]


@pytest.mark.parametrize("place", ["an answer", "the books", "the chain"])
def test_no_bank_account_and_no_key_stands_in(
    office: Office, example: Path, left_behind: dict[str, bytes], place: str
) -> None:
    forbidden = [*bank_accounts(office, example), *keys(office)]

    assert [pattern for pattern in forbidden if pattern.search(left_behind[place])] == []


def test_the_search_finds_what_stands_where_it_belongs(office: Office, example: Path) -> None:
    table = (example / "merchants.csv").read_bytes()
    receipts = office.home.receipts_key_path.read_bytes()

    assert sum(bool(pattern.search(table)) for pattern in bank_accounts(office, example)) == 80
    assert sum(bool(pattern.search(receipts)) for pattern in keys(office)) == 1
