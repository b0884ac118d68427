"""The hash of a shop's facts is that of docs/formats.md §4, by another keccak; each fact and the salt change it."""

import json
import runpy
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from coin.shop_facts import BANK_COLUMNS, bank_hash, facts_hash

VECTORS = Path(__file__).parents[1] / "vectors"
FACTS = json.loads((VECTORS / "facts.json").read_text("utf-8"))
SALT = bytes.fromhex(FACTS["salt"][2:])


def words(*texts: str) -> bytes:
    return b"".join(keccak(text.encode()) for text in texts)


@pytest.mark.parametrize("shop", FACTS["shops"], ids=lambda shop: shop["name_romaji"])
def test_the_vectors_are_what_the_manual_says(shop: dict[str, str]) -> None:
    account = keccak(SALT + words(*(FACTS["account"][column] for column in BANK_COLUMNS)))
    names = words(shop["name"], shop["name_romaji"], shop["city_romaji"], shop["category"])

    assert shop["bank"] in ("0x" + account.hex(), "0x" + "00" * 32)
    assert shop["facts"] == "0x" + keccak(names + bytes.fromhex(shop["bank"][2:])).hex()


def test_the_file_is_what_its_script_makes() -> None:
    assert runpy.run_path(str(VECTORS / "make_facts.py"))["facts"]() == FACTS


@pytest.mark.parametrize("column", BANK_COLUMNS)
def test_every_part_of_an_account_counts(column: str) -> None:
    account = FACTS["account"]

    assert bank_hash(SALT, account | {column: account[column] + "0"}) != bank_hash(SALT, account)


def test_the_same_account_under_another_salt_is_not_recognised() -> None:
    assert bank_hash(bytes(32), FACTS["account"]) != bank_hash(SALT, FACTS["account"])


@pytest.mark.parametrize("place", range(5))
def test_every_fact_counts(place: int) -> None:
    facts = ["1", "2", "3", "4", bytes(32)]
    other = [*facts]
    other[place] = b"\x01" * 32 if place == 4 else "5"

    assert facts_hash(*facts) != facts_hash(*other)
