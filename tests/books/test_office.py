"""What the office does to the books: charges, dates, shops, cancels, redeems; each with an actor and an audit row."""

import pytest

from coin import messages
from coin.clock import DAY_S
from coin.core import keccak256
from coin.errors import Conflict, InvalidInput, InvariantBroken, Rejected, Rejection
from coin.ledger import chain_effects, statements
from coin.ledger.replay import replay
from coin.ledger.trial_balance import trial_balance
from coin.messages import nonce_word
from coin.operations import redeem, roles, top_up
from coin.operations.calendar import OpenDate
from coin.operations.expire import EndDate
from coin.operations.perform import perform, perform_all, perform_each
from coin.payments import Accepted, Submission
from coin.records.effects import Effect
from coin.registry.books import Books
from tests.worlds.books import Town, code_of
from tests.worlds.people import address_of
from tests.worlds.rules import FUND, HALF_YEAR_S, YEAR_END_S


def confirm(town: Town, last: int) -> None:
    """Say that the chain has confirmed everything up to a number."""
    town.rows(
        """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata, sealed_at_ms)
           VALUES ('074071', 1, 1, %s, 0, 'confirmed', '', 0)""",
        last,
    )


def in_order(town: Town) -> bool:
    with town.database.transaction() as connection:
        code = town.municipality.code
        return not trial_balance(connection, code).differences and not replay(connection, code)


def test_the_same_charge_again_gives_the_first_answer_and_moves_nothing(town: Town) -> None:
    town.register("aiko")
    message = town.charge_message("aiko", 5000)
    first = town.perform(message, actor="clerk")
    before = town.everything()

    town.clock.advance_ms(DAY_S * 1000)
    again = town.perform(message, actor="clerk")

    assert again == first
    assert town.everything() == before


def test_of_many_charges_a_bad_one_costs_only_itself(town: Town) -> None:
    town.register("aiko", "bunta")
    messages = [
        town.charge_message("aiko", 5000, nonce=0),
        town.charge_message("stranger", 5000, nonce=1),
        town.charge_message("bunta", 2000, nonce=1),
    ]

    with town.database.transaction() as connection:
        answers = perform_each(Books(connection, town.municipality, town.clock), messages, actor="atm file")

    assert [a.code if isinstance(a, Rejected) else "posted" for a in answers] == [
        "posted",
        "holder_unknown",
        "posted",
    ]
    assert (town.balance("aiko"), town.balance("bunta")) == (5500, 2200)


def test_a_partial_fund_gives_what_is_left_and_the_quote_says_so_before(town: Town) -> None:
    town.register("aiko")
    town.rows("UPDATE fund SET spent = budget - 1900 WHERE id = %s", FUND)

    with town.database.transaction() as connection:
        quote = top_up.quote(Books(connection, town.municipality, town.clock), town.clock.now_ms(), 20_000)
    town.charge("aiko", 20_000)

    assert (quote.coins, quote.points) == (20_000, 1900)
    assert town.balance("aiko") == 21_900
    assert in_order(town)


def test_a_charge_counts_against_allowance_cap_and_fund_with_its_bonus(town: Town) -> None:
    town.register("aiko")

    town.charge("aiko", 5000)

    assert [row["used"] for row in town.rows("SELECT used FROM signer_usage")] == [5500]
    assert [row["issued"] for row in town.rows("SELECT issued FROM period")] == [5500]
    assert town.rows("SELECT spent FROM fund WHERE id = %s", FUND) == [{"spent": 500}]


def test_the_effect_on_the_chain_is_what_was_signed(town: Town) -> None:
    town.register("aiko")
    message = town.charge_message("aiko", 5000)
    done = town.perform(message, actor="clerk")
    town.pay("aiko", "bakery", 100, 7)

    with town.database.transaction() as connection:
        last = chain_effects.last_sequence(connection, town.municipality.code)
        charge, payment = chain_effects.effects(connection, town.municipality.code, done.sequence, last)

    assert charge == Effect(done.sequence, 1, message.words, message.signature, message.channel)
    assert (payment.kind, payment.signers) == (4, address_of("aiko"))
    assert int.from_bytes(payment.words[-32:], "big") == 7


@pytest.mark.parametrize(
    ("payee", "nonce", "valid_after_s", "life_s", "kind"),
    [
        ("bakery", 0, 0, 3600, 4),
        ("bakery", 1 << 24, 0, 3600, 5),
        ("bakery", 0, 1, 3600, 5),
        ("bakery", 0, 0, (1 << 24) - 1, 4),
        ("bakery", 0, 0, 1 << 24, 5),
        ("bunta", 0, 0, 3600, 6),
        ("bunta", 1 << 24, 0, 3600, 7),
    ],
)
def test_the_kind_of_record_follows_payee_nonce_and_times(
    town: Town, payee: str, nonce: int, valid_after_s: int, life_s: int, kind: int
) -> None:
    town.register("aiko", "bunta")
    town.charge("aiko", 5000)
    ends_s = town.clock.now_ms() // 1000 + life_s
    signed = town.authorization("aiko", payee, 100, nonce, valid_after_s=valid_after_s, valid_before_s=ends_s)

    outcome = town.accept(Submission(signed))[0]

    assert isinstance(outcome, Accepted)
    assert outcome.kind == kind


@pytest.mark.parametrize(
    ("payee", "life_s", "code"),
    [
        ("bakery", 1_800, "accepted"),
        ("bakery", 1_799, "authorization_too_short"),
        ("bunta", 1_800, "accepted"),
        ("bunta", 1_799, "authorization_too_short"),
        ("bunta", 1, "authorization_too_short"),
        ("bunta", 0, "authorization_expired"),
    ],
)
def test_half_an_hour_is_the_shortest_life_at_acceptance(
    town: Town, payee: str, life_s: int, code: str
) -> None:
    town.register("aiko", "bunta")
    town.charge("aiko", 5000)
    town.clock.advance_ms(999)
    ends_s = town.clock.now_ms() // 1000 + life_s

    (outcome,) = town.accept(Submission(town.authorization("aiko", payee, 100, 0, valid_before_s=ends_s)))

    assert code_of(outcome) == code


def test_what_was_accepted_in_time_gets_its_receipt_again_when_its_end_is_near(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    signed = Submission(town.authorization("aiko", "bakery", 100, 0))
    (first,) = town.accept(signed)
    town.clock.advance_ms(12 * 3600 * 1000 - 1)

    (again,) = town.accept(signed)

    assert again == first


def test_a_payment_in_the_last_millisecond_of_a_date_spends_it_and_one_later_does_not(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)
    town.clock.set_ms(HALF_YEAR_S * 1000 - 1)

    before = town.pay("aiko", "bakery", 10, 0)
    town.clock.set_ms(HALF_YEAR_S * 1000)
    after = town.pay("aiko", "bakery", 10, 1)

    assert isinstance(before, Accepted)
    assert isinstance(after, Accepted)
    assert [part.kind for part in before.parts + after.parts] == ["point", "coin"]


def test_time_never_runs_back_in_the_journal(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    at_ms = town.clock.now_ms()

    town.clock.set_ms(at_ms - 60_000)
    outcome = town.pay("aiko", "bakery", 100, 0)

    assert isinstance(outcome, Accepted)
    assert outcome.accepted_at_ms == at_ms


def test_another_checkout_for_an_accepted_authorization_is_its_own_error(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    town.pay("aiko", "bakery", 100, 0, town.checkout(100))
    before = town.everything()
    outcome = town.pay("aiko", "bakery", 100, 0)

    assert code_of(outcome) == "authorization_for_other_checkout"
    assert town.everything() == before


def test_a_cancelled_authorization_never_pays_and_the_window_moves_on(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    town.pay("aiko", "bakery", 100, 1)

    message = town.cancel_message("aiko", 0)
    town.perform(message, actor="gateway")

    assert code_of(town.pay("aiko", "bakery", 100, 0)) == "nonce_used"
    rows = town.rows("SELECT nonce_base FROM wallet")
    assert rows == [{"nonce_base": 2}]
    effect = town.rows("SELECT kind, words FROM chain_effect ORDER BY sequence DESC LIMIT 1")[0]
    wanted = messages.CancelAuthorization(authorizer=address_of("aiko"), nonce=nonce_word(0)).words
    assert effect == {"kind": 0x0A, "words": wanted}


def test_only_confirmed_value_is_redeemed_points_first_and_kinds_stay_apart(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    paid = town.pay("aiko", "bakery", 700, 0)
    assert isinstance(paid, Accepted)
    confirm(town, paid.sequence)
    town.pay("aiko", "bakery", 300, 1)

    with town.books() as books:
        before = redeem.redeemable(books, 1)
        message = town.redeem_message("bakery", 600)
        perform(books, message, actor="cashier")
        after = redeem.redeemable(books, 1)

    assert before == {("point", FUND): 500, ("coin", ""): 200}
    assert after == {("coin", ""): 100}
    assert town.shop_balance(1) == 400
    assert in_order(town)
    with town.database.transaction() as connection, pytest.raises(Rejected) as refusal:
        perform(
            Books(connection, town.municipality, town.clock),
            town.redeem_message("bakery", 101, 1),
            actor="cashier",
        )
    assert refusal.value.reason is Rejection.INSUFFICIENT_REDEEMABLE


def test_an_amount_with_an_open_incident_is_not_redeemable(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    paid = town.pay("aiko", "bakery", 700, 0)
    assert isinstance(paid, Accepted)
    confirm(town, paid.sequence)

    town.rows(
        "INSERT INTO incident (municipality, sequence, batch, reason) VALUES ('074071', %s, 1, 35)",
        paid.sequence,
    )

    with town.books() as books:
        assert redeem.redeemable(books, 1) == {}


def test_a_new_key_keeps_the_shops_money_and_retires_the_old_address(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 5000)
    town.pay("aiko", "bakery", 700, 0)

    town.shop("bakery-new", 1)

    assert town.shop_balance(1) == 700
    assert code_of(town.pay("aiko", "bakery", 100, 1)) == "merchant_not_registered"
    assert code_of(town.pay("aiko", "bakery-new", 100, 1)) == "accepted"
    effect = town.rows("SELECT context FROM chain_effect WHERE kind = 17 ORDER BY sequence DESC LIMIT 1")
    assert effect == [{"context": address_of("bakery")}]


class UnsignedDate(OpenDate):
    """What somebody could write who adds a kind: an operation that says nobody signs it."""

    def signing(self) -> None:  # type: ignore[override]
        """Nobody."""


def test_what_the_catalogue_says_is_signed_is_not_carried_out_unsigned(town: Town) -> None:
    signed = town.date_message(3, YEAR_END_S + DAY_S)
    before = town.everything()

    with pytest.raises(InvariantBroken), town.books() as books:
        perform(books, UnsignedDate(*signed.values, signatures=()), actor="clerk")

    assert town.everything() == before


def test_a_file_of_shops_with_one_bad_line_registers_none(town: Town) -> None:
    before = town.everything()
    nonce = town.next_nonce("ken")
    messages = [
        town.shop_message("cafe", 2, nonce=nonce),
        town.shop_message("inn", 0, nonce=nonce + 1),
    ]

    with pytest.raises(Rejected) as refusal, town.database.transaction() as connection:
        perform_all(Books(connection, town.municipality, town.clock), messages, actor="ken")

    assert refusal.value.reason is Rejection.MERCHANT_NUMBER_INVALID
    assert town.everything() == before


def test_the_end_of_a_date_makes_income_of_coins_and_gives_points_back_to_their_fund(town: Town) -> None:
    town.register("aiko", "bunta")
    town.charge("aiko", 5000)
    town.charge("bunta", 2000)
    town.pay("aiko", "bakery", 100, 0)

    town.clock.set_ms(YEAR_END_S * 1000)
    for expiry_s in (HALF_YEAR_S, YEAR_END_S):
        town.perform(EndDate(expiry_s, chain_time_s=YEAR_END_S), actor="worker")

    with town.database.transaction() as connection:
        rows = trial_balance(connection, town.municipality.code).rows
        held = statements.held_by_date(connection, town.municipality.code, YEAR_END_S * 1000 + 1)
        before = statements.held_by_date(connection, town.municipality.code, YEAR_END_S * 1000)
    amounts = {(row.account_class, row.kind): row.amount for row in rows}
    assert amounts[("expired_income", "coin")] == 7000
    assert amounts[("point_expense", "point")] == 100
    assert held == {}
    assert sum(before.values()) == 7600
    assert in_order(town)
    with pytest.raises(Conflict), town.database.transaction() as connection:
        perform(
            Books(connection, town.municipality, town.clock),
            EndDate(HALF_YEAR_S, chain_time_s=YEAR_END_S),
            actor="worker",
        )


def test_a_lane_is_free_again_ten_days_after_an_ended_date(town: Town) -> None:
    town.clock.set_ms((HALF_YEAR_S + 10 * DAY_S) * 1000)

    town.date(0, YEAR_END_S + DAY_S)

    rows = town.rows("SELECT expiry_s FROM expiry_date WHERE lane = 0 AND replaced_sequence IS NULL")
    assert rows == [{"expiry_s": YEAR_END_S + DAY_S}]


def test_a_revoked_signer_keeps_its_window(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)

    town.role("counter", 0, 0)
    town.role("counter", 2, 5000, "atm")

    rows = town.rows(
        "SELECT role, allowance, channel, nonce_base FROM signer WHERE address = %s", address_of("counter")
    )
    assert rows == [{"role": 2, "allowance": 5000, "channel": "atm", "nonce_base": 1}]


def test_the_first_staff_are_written_down_once(town: Town) -> None:
    with town.database.transaction() as connection, pytest.raises(Conflict):
        roles.open_with_staff(
            Books(connection, town.municipality, town.clock),
            [address_of("a"), address_of("b")],
            actor="deployer",
        )
    with town.database.transaction() as connection, pytest.raises(InvalidInput):
        roles.open_with_staff(
            Books(connection, town.municipality, town.clock),
            [address_of("a"), address_of("a")],
            actor="deployer",
        )


def test_every_use_case_of_the_office_leaves_an_audit_row_with_its_actor(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000)

    rows = town.rows("SELECT actor, action, subject FROM audit ORDER BY id")

    assert {row["action"] for row in rows} == {
        "open_with_staff",
        "change_role",
        "open_date",
        "change_merchant",
        "top_up",
    }
    assert all(row["actor"] for row in rows)
    numbered = town.rows("SELECT count(*) AS n FROM operation")[0]["n"]
    assert len(rows) == int(str(numbered)) + 1


def test_references_of_two_channels_do_not_meet(town: Town) -> None:
    town.register("aiko")
    reference = keccak256(b"line 1")
    town.charge("aiko", 1000, reference=reference)
    town.role("counter", 2, 50_000, "atm")

    town.charge("aiko", 1000, reference=reference)

    assert town.balance("aiko") == 2200
