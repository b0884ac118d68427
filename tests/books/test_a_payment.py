"""What one accepted payment does to the books, and what its answer promises."""

from coin.payments import Accepted, Submission
from coin.receipts import are_genuine
from tests.worlds.books import Town
from tests.worlds.people import address_of
from tests.worlds.rules import COUNTER, FUND, HALF_YEAR_S, YEAR_END_S


def test_a_charge_and_a_payment_move_lots_in_spending_order(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)

    outcome = town.pay("aiko", "bakery", 700, nonce=0)

    assert isinstance(outcome, Accepted)
    assert [(p.kind, p.expiry_s, p.fund, p.amount) for p in outcome.parts] == [
        ("point", HALF_YEAR_S, FUND, 500),
        ("coin", YEAR_END_S, "", 200),
    ]
    assert town.lots("aiko") == [("coin", YEAR_END_S, "", 4800)]
    assert town.shop_balance(1) == 700


def test_the_receipt_is_signed_over_what_was_accepted(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    checkout = town.checkout(700)

    outcome = town.pay("aiko", "bakery", 700, nonce=0, checkout=checkout)

    assert isinstance(outcome, Accepted)
    receipt = outcome.receipt
    assert are_genuine(town.municipality.domain, [receipt], town.receipts.address) == [True]
    assert (receipt.merchant, receipt.amount, receipt.checkout) == (address_of("bakery"), 700, checkout)
    assert receipt.accepted_at_ms == town.clock.now_ms()


def test_the_same_authorization_for_the_same_checkout_gives_the_same_receipt_even_after_its_end(
    town: Town,
) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    submission = Submission(town.authorization("aiko", "bakery", 700, nonce=0), town.checkout(700))
    first = town.accept(submission)

    town.clock.advance_ms(30 * 24 * 3600 * 1000)
    again = town.accept(submission)

    assert again == first
    assert town.balance("aiko") == 4800


def test_every_journal_row_of_a_charge_names_the_channel(town: Town) -> None:
    town.register("aiko")

    town.charge("aiko", 5000)

    rows = town.rows(
        """SELECT j.code, a.reference, j.amount FROM journal j JOIN account a ON a.id = j.debit ORDER BY j.line"""
    )
    assert [(r["code"], r["reference"], r["amount"]) for r in rows] == [
        ("top_up", COUNTER, 5000),
        ("bonus", FUND, 500),
    ]
