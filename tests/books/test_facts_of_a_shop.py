"""A shop's name and bank account are what two staff signed: nobody changes either beside the signed hash."""

from dataclasses import replace

import pytest

from coin.errors import CoinError, InvariantBroken
from coin.operations.merchants import MerchantChange, MerchantFacts, write_bank_account
from coin.registry.personal import PersonalData
from coin.shop_facts import BANK_COLUMNS, bank_hash
from tests.worlds.books import Town
from tests.worlds.people import address_of

ACCOUNT = {column: str(place) for place, column in enumerate(BANK_COLUMNS)}
SALT = bytes(range(32))
PERSONAL = PersonalData(bytes(32))


def registration(town: Town, facts: MerchantFacts) -> MerchantChange:
    """Florist, number 77, with these facts, signed by two."""
    said = replace(town.shop_message("florist", 77), facts_hash=facts.facts_hash, shop=facts)
    return replace(said, signatures=town.two(said))


@pytest.fixture
def facts() -> MerchantFacts:
    return MerchantFacts("花屋", "FLORIST", "BANDAI", "5992", bank_hash(SALT, ACCOUNT))


def refused(town: Town, message: MerchantChange) -> str | None:
    """The field of the refusal; nothing changed."""
    before = town.everything(), town.rows("SELECT * FROM merchant ORDER BY number")
    with pytest.raises(CoinError) as refusal:
        town.perform(message)
    assert (town.everything(), town.rows("SELECT * FROM merchant ORDER BY number")) == before
    return refusal.value.field


@pytest.mark.parametrize(
    "change",
    [
        {"name": "別の店"},
        {"name_romaji": "OTHER"},
        {"city_romaji": "ELSEWHERE"},
        {"category": "5411"},
        {"bank_hash": bytes(32)},
    ],
    ids=lambda change: next(iter(change)),
)
def test_facts_that_were_not_signed_are_refused_at_registration_and_later(
    town: Town, facts: MerchantFacts, change: dict[str, str]
) -> None:
    message = registration(town, facts)
    assert refused(town, replace(message, shop=replace(facts, **change))) == "facts"

    town.perform(message)
    again = registration(town, facts)

    assert refused(town, replace(again, shop=replace(facts, **change))) == "facts"


def test_a_shop_is_closed_with_the_facts_that_it_has_and_with_no_other(
    town: Town, facts: MerchantFacts
) -> None:
    town.perform(registration(town, facts))
    said = replace(town.shop_message("florist", 77, 2), shop=None)
    wrong = replace(said, signatures=town.two(said))

    assert refused(town, wrong) == "facts"
    right = replace(said, facts_hash=facts.facts_hash)
    town.perform(replace(right, signatures=town.two(right)))

    assert town.rows("SELECT name, is_open FROM merchant WHERE number = 77") == [
        {"name": "花屋", "is_open": False}
    ]


def test_another_account_than_two_staff_signed_is_not_stored(town: Town, facts: MerchantFacts) -> None:
    town.perform(registration(town, facts))

    with pytest.raises(InvariantBroken), town.books() as books:
        write_bank_account(books, PERSONAL, 77, SALT, ACCOUNT | {"account_number": "9"}, actor="clerk")
    with town.books() as books:
        write_bank_account(books, PERSONAL, 77, SALT, ACCOUNT, actor="clerk")
        kept = PERSONAL.get(books.connection, books.municipality_code, "merchant:000077")

    assert kept == {**ACCOUNT, "salt": SALT.hex()}


def test_neither_name_nor_account_is_in_what_the_chain_gets(town: Town, facts: MerchantFacts) -> None:
    town.perform(registration(town, facts))

    (row,) = town.rows("SELECT words FROM chain_effect WHERE kind = 17 ORDER BY sequence DESC LIMIT 1")

    words = bytes(row["words"])
    assert words[96:128] == facts.facts_hash
    assert address_of("florist") in words
    assert not any(text.encode() in words for text in (facts.name, facts.name_romaji, SALT.decode("latin1")))
