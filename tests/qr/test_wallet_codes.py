"""The code of a wallet is written and read as the vectors say, and a wrong character is named."""

import json
import runpy
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coin.codes import CROCKFORD
from coin.errors import InvalidInput
from coin.qr.wallet_code import WalletRange, code_of, qr_text, read

sys.path.insert(0, str(Path(__file__).parent))
import independent_wallet_code as independent

ROOT = Path(__file__).parents[2]
VECTORS = json.loads((ROOT / "tests/vectors/wallet_codes.json").read_text("utf-8"))
TOWN = VECTORS["municipality"]
ADDRESS = bytes.fromhex(VECTORS["wallets"][-1]["address"][2:])
CODE = code_of(ADDRESS).replace("-", "")
addresses = st.binary(min_size=20, max_size=20)


def wrong(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as refusal:
        read(text, TOWN)
    return refusal.value


@pytest.mark.parametrize("vector", VECTORS["wallets"], ids=lambda vector: vector["address"][:10])
def test_the_independent_reader_finds_the_same_address(vector: dict[str, str]) -> None:
    address = bytes.fromhex(vector["address"][2:])

    assert (code_of(address), qr_text(TOWN, address)) == (vector["code"], vector["qr"])
    assert independent.is_good(vector["code"])
    assert independent.begins(vector["address"], vector["code"])
    assert independent.address_in(vector["qr"]) == (TOWN, vector["address"])


@pytest.mark.parametrize("vector", VECTORS["typed"], ids=lambda vector: vector["about"])
def test_however_it_is_typed_or_scanned_it_means_that_wallet(vector: dict[str, str]) -> None:
    found = read(vector["text"], TOWN)

    assert found.first <= bytes.fromhex(vector["address"][2:]) <= found.last


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["about"])
def test_what_is_refused_has_the_code_of_its_vector(vector: dict[str, str]) -> None:
    assert wrong(vector["text"]).code == vector["code"]


def test_every_wrong_character_is_named_by_its_place_with_the_one_that_was_meant() -> None:
    for place, right in enumerate(CODE):
        for letter in CROCKFORD.replace(right, ""):
            error = wrong(CODE[:place] + letter + CODE[place + 1 :])

            assert error.code == "wallet_code_wrong"
            assert f"{place + 1}文字目の「{letter}」が違います（「{right}」" in error.ja


def test_two_characters_that_changed_places_are_named() -> None:
    for place, (one, other) in enumerate(pairwise(CODE)):
        if one != other:
            error = wrong(CODE[:place] + other + one + CODE[place + 2 :])

            assert f"{place + 1}文字目と{place + 2}文字目" in error.ja


@given(
    addresses,
    st.lists(st.integers(0, 15), min_size=2, max_size=2, unique=True),
    st.tuples(*[st.integers(1, 31)] * 2),
)
def test_two_wrong_characters_are_never_taken_for_a_code_or_for_one(
    address: bytes, places: list[int], changes: tuple[int, int]
) -> None:
    letters = list(code_of(address).replace("-", ""))
    for place, change in zip(places, changes, strict=True):
        letters[place] = CROCKFORD[CROCKFORD.index(letters[place]) ^ change]

    error = wrong("".join(letters))

    assert error.code == "wallet_code_wrong"
    assert "文字目の「" not in error.ja


@given(addresses)
def test_a_code_means_its_address_and_a_qr_code_nothing_else(address: bytes) -> None:
    typed, scanned = read(code_of(address), TOWN), read(qr_text(TOWN, address), TOWN)

    assert typed.first <= address <= typed.last
    assert scanned == WalletRange(address, address)


def test_the_file_is_what_its_script_makes() -> None:
    made = runpy.run_path(str(ROOT / "tests/vectors/make_wallet_codes.py"))["vectors"]()

    assert json.loads(json.dumps(made)) == VECTORS
