"""What the outside reads: balances judged at the view time, never at block time alone, and the stored words."""

import pytest

from coin.chain.words import AccountWord, DateWord, JournalWord, MerchantWord, PeriodWord, SignerWord
from tests.worlds.contract import DAY_S, FIRST_EXPIRY_S, SECOND_EXPIRY_S, Town
from tests.worlds.people import address_of

WINDOW_S = 10 * DAY_S


def mine_at(town: Town, second: int) -> None:
    town.travel(second)
    town.tester.mine_blocks(1)


def test_the_face_of_the_token(town: Town) -> None:
    assert town.call("decimals") == 0
    assert town.call("symbol") == "BANDAI"
    assert town.call("allowance", address_of("aoi"), address_of("bakery")) == 0


def test_balances_by_expiry_stand_in_the_lanes_of_the_calendar(town: Town) -> None:
    town.settle(town.top_up("aoi", 9, expiry=SECOND_EXPIRY_S))

    expiries, amounts = town.call("balanceByExpiry", address_of("aoi"))

    assert list(expiries) == [FIRST_EXPIRY_S, SECOND_EXPIRY_S, 0, 0]
    assert list(amounts) == [11_000, 9, 0, 0]
    assert town.balance("aoi") == 11_009


def test_value_is_shown_until_no_batch_could_spend_it_any_more(town: Town) -> None:
    mine_at(town, FIRST_EXPIRY_S + WINDOW_S - 2)
    assert town.balance("aoi") == 11_000
    assert town.call("totalSupply") == 16_500

    mine_at(town, FIRST_EXPIRY_S + WINDOW_S + 2)

    assert town.call("viewTime") >= FIRST_EXPIRY_S
    assert town.balance("aoi") == 0
    assert town.call("totalSupply") == 5_500


def test_a_batch_after_the_date_ends_it_in_the_views_at_once(town: Town) -> None:
    town.travel(FIRST_EXPIRY_S + 5)
    town.settle(town.cancel("ren", 0), as_of_s=FIRST_EXPIRY_S)

    assert town.call("viewTime") == FIRST_EXPIRY_S
    assert town.balance("aoi") == 0


def test_the_supply_is_what_everybody_holds(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 100), town.send("ren", "yui", 50), town.redeem("bakery", 30))

    everybody = ("aoi", "ren", "yui", "bakery", "inn")
    assert town.call("totalSupply") == sum(town.balance(label) for label in everybody) == 16_470


def test_words_are_read_in_bulk_and_mean_what_the_formats_say(town: Town) -> None:
    town.settle(town.payment("aoi", "bakery", 100), town.payment("aoi", "bakery", 100, nonce=5))

    aoi, nobody = town.words("accountWords", ("aoi", "nobody"))
    assert AccountWord.of(aoi) == AccountWord((10_800, 0, 0, 0), 2, False, False, False, False, 1, 0b10000)
    assert nobody == 0
    assert MerchantWord.of(town.shop("bakery")) == MerchantWord(200, 0, 0, True, False, 1)
    assert SignerWord.of(town.signer("channel")) == SignerWord(2, 0, 2, 1_000_000)
    assert DateWord.of(town.date(FIRST_EXPIRY_S)) == DateWord(10_800, 0, True)
    period = PeriodWord.of(town.call("periodWord"))
    assert (period.cap, period.issued) == (10_000_000, 16_500)
    assert JournalWord.of(town.call("journalWord")).merchants_total == 200


@pytest.mark.parametrize("view", ["accountWords", "merchantWords", "signerWords", "dateTotals"])
def test_a_bulk_view_of_nothing_is_empty(town: Town, view: str) -> None:
    assert list(town.call(view, [])) == []
