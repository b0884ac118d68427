"""Sums tell every movement of a shop and of a fund by what it was: what later kinds post adds up as well. I-01, I-05, I-10.

The record kinds themselves are not carried out yet; here the ledger posts what they will.
"""

import secrets
from datetime import date

import pytest

from coin.ledger.accounts import Account, AccountClass, ensure_account
from coin.ledger.chain_effects import last_sequence
from coin.ledger.journal_head import numbering
from coin.ledger.posting import SignedRecord, Transfer, post
from coin.ledger.replay import replay
from coin.ledger.statements import MerchantTotal, merchant_statement
from coin.ledger.trial_balance import trial_balance
from coin.lots import Lot
from coin.operations import expire, redeem
from coin.program import LotKind
from coin.reconciliation.expected import expected
from coin.reconciliation.vouching.registers import of_funds
from coin.records.journal_codes import JournalCode
from coin.registry import merchants, wallets
from coin.reports.public_figures import KindTotals, public_figures
from coin.reports.town_figures import town_figures
from tests.worlds.books import Town
from tests.worlds.people import address_of
from tests.worlds.rules import COUNTER, FUND, HALF_YEAR_S, YEAR_END_S

PEOPLE = [f"person {number}" for number in range(10)]
COIN = Lot(LotKind.COIN, YEAR_END_S)
POINT = Lot(LotKind.POINT, HALF_YEAR_S, FUND)
AFTERWARDS = date(2022, 10, 1)
REVERSAL, REFUND = 0x02, 0x09


def holder(town: Town, name: str) -> Account:
    with town.books() as books:
        return Account(wallets.get(books, address_of(name)).account, AccountClass.HOLDER)


def shop(town: Town) -> Account:
    with town.books() as books:
        return Account(merchants.by_number(books, 1).account, AccountClass.MERCHANT)


def account(town: Town, account_class: AccountClass, reference: str = "") -> Account:
    with town.database.transaction() as connection:
        return ensure_account(connection, town.municipality.code, account_class, reference)


def post_lines(town: Town, kind: int, *transfers: Transfer) -> None:
    with town.database.transaction() as connection, numbering(connection, "074071", town.clock) as head:
        record = SignedRecord(b"", digest=secrets.token_bytes(32))
        post(connection, head, kind=kind, actor="test", record=record, transfers=transfers)


def confirm_all(town: Town) -> int:
    """Say that the chain has carried everything out."""
    with town.database.transaction() as connection:
        last = last_sequence(connection, town.municipality.code)
    town.rows(
        """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata, sealed_at_ms)
           VALUES ('074071', 1, 1, %s, 0, 'confirmed', '', 0)""",
        last,
    )
    return last


@pytest.fixture
def corrected(town: Town) -> Town:
    """Ten people each: 100 coins and 30 points of a charge reversed; of two payments 50 coins and 20 points refunded,
    the points after their date had ended."""
    town.register(*PEOPLE)
    cash = account(town, AccountClass.CASH, COUNTER)
    expense = account(town, AccountClass.POINT_EXPENSE, FUND)
    for name in PEOPLE:
        town.charge(name, 5000)
        town.pay(name, "bakery", 400, 0)
        person = holder(town, name)
        post_lines(
            town,
            REVERSAL,
            Transfer(JournalCode.REVERSAL, person, cash, COIN, 100),
            Transfer(JournalCode.REVERSAL, person, expense, POINT, 30),
        )
        town.pay(name, "bakery", 270, 1)
    town.clock.set_ms(HALF_YEAR_S * 1000)
    town.perform(expire.EndDate(HALF_YEAR_S, chain_time_s=HALF_YEAR_S), actor="x")
    for name in PEOPLE:
        person = holder(town, name)
        post_lines(
            town,
            REFUND,
            Transfer(JournalCode.REFUND, shop(town), person, COIN, 50),
            Transfer(JournalCode.REFUND, shop(town), person, POINT, 20),
            Transfer(JournalCode.EXPIRY, person, expense, POINT, 20),
        )
    return town


def statement(town: Town) -> list[MerchantTotal]:
    with town.database.transaction() as connection:
        return merchant_statement(connection, "074071", shop(town).id, from_ms=0, until_ms=1 << 62)


def test_a_statement_tells_refunds_from_redeems_and_both_from_every_other_debit(corrected: Town) -> None:
    confirm_all(corrected)
    message = corrected.redeem_message("bakery", 600)
    corrected.perform(message, actor="cashier")
    payout, person = account(corrected, AccountClass.PAYOUT, "000001"), holder(corrected, PEOPLE[0])
    post_lines(corrected, 0x0C, Transfer(JournalCode.ADVANCE, payout, shop(corrected), POINT, 7))
    post_lines(corrected, 0x10, Transfer(JournalCode.FORCED_TRANSFER, person, shop(corrected), COIN, 80))
    post_lines(corrected, 0x10, Transfer(JournalCode.FORCED_TRANSFER, shop(corrected), person, COIN, 3))

    totals = statement(corrected)

    assert totals == [
        MerchantTotal("point", FUND, received=4700, refunded=200, redeemed=600, other=7, balance=3907),
        MerchantTotal("coin", "", received=2080, refunded=500, redeemed=0, other=-3, balance=1577),
    ]
    for item in totals:
        assert item.balance == item.received - item.refunded - item.redeemed + item.other
    assert sum(item.balance for item in totals) == corrected.shop_balance(1)


def test_staff_see_what_was_redeemed_and_what_a_fund_has_given_without_what_came_back(
    corrected: Town,
) -> None:
    with corrected.books() as books:
        figures = town_figures(books, AFTERWARDS)

    (bakery,) = figures.shops
    assert (bakery.redeemed, bakery.balance) == (0, 6000)
    assert [item.given for item in figures.funds if item.id == FUND] == [4700]
    assert [item.total for item in figures.cash if item.channel == COUNTER] == [49_000]
    assert figures.expired_points == 200
    assert figures.held_by_date == {YEAR_END_S: 47_500}
    assert figures.trial.differences == {}


def test_everybody_sees_issued_without_reversals_and_spent_without_refunds(corrected: Town) -> None:
    confirm_all(corrected)

    with corrected.books() as books:
        figures = public_figures(books, AFTERWARDS)

    assert figures.coin == KindTotals(issued_yen=49_000, held_yen=47_500, spent_yen=1500, expired_yen=0)
    assert figures.point == KindTotals(issued_yen=4700, held_yen=0, spent_yen=4500, expired_yen=200)


def test_a_refund_that_is_not_confirmed_takes_from_what_is_redeemable(corrected: Town) -> None:
    confirm_all(corrected)
    post_lines(
        corrected,
        REFUND,
        Transfer(JournalCode.REFUND, shop(corrected), holder(corrected, PEOPLE[0]), COIN, 1),
    )

    with corrected.books() as books:
        found = redeem.redeemable(books, 1)

    assert found == {("point", FUND): 4500, ("coin", ""): 1499}


def test_reconciliation_expects_what_came_back_and_what_ended(corrected: Town) -> None:
    last = confirm_all(corrected)

    with corrected.database.transaction() as connection:
        books = expected(connection, "074071", last)

    assert (books.dates[HALF_YEAR_S], books.dates[YEAR_END_S]) == ((0, 200), (47_500, 0))
    assert [item.balance for item in books.shops] == [6000]


def test_a_budget_that_a_reversal_gave_back_is_vouched_for(corrected: Town) -> None:
    corrected.rows("UPDATE fund SET spent = spent - 300 WHERE id = %s", FUND)

    with corrected.database.transaction() as connection:
        rows = list(of_funds(connection, {"municipality": "074071"}, corrected.municipality.program.funds))
        trial, differences = trial_balance(connection, "074071"), replay(connection, "074071")

    assert all(figure.books == figure.other for figure in rows), rows
    assert trial.differences == {}
    assert differences == []
