"""A row for each rejection, in the ladder's order: the code is the one, and nothing has moved."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from coin.clock import DAY_S
from coin.core import keccak256
from coin.database.database import Database
from coin.errors import Rejected, Rejection
from coin.operations.expire import EndDate
from coin.operations.operation import Operation
from coin.payments import Refused, Submission
from coin.program import Charge, Limits, Program, Send, SendPolicy
from coin.registry.quotas import CANCELS_OF_WALLET, SPENDS_OF_WALLET
from tests.worlds.books import Town, open_town
from tests.worlds.people import address_of
from tests.worlds.rules import HALF_YEAR_S, YEAR_END_S, program

RESERVED = {
    Rejection.BUDGET_EXHAUSTED,  # grants; a charge whose bonus is above what is left gets bonus_differs
    Rejection.ORIGINAL_UNKNOWN,
    Rejection.ORIGINAL_REVERSED,
    Rejection.FREEZE_TOO_LONG,
    Rejection.TICKET_USED,
    Rejection.TICKET_END,
    Rejection.RECOVER_REFUSED,
}
LARGE = program(
    limits=Limits(60_000_000, 100_000),
    charge=Charge(1, 1, 16_777_215, 99_000_000, 99_000_000),
    send=Send(SendPolicy.PERSON_TO_PERSON, 16_777_215, 16_777_215),
)


@dataclass(frozen=True)
class Row:
    """One way to meet a rejection: `prepare` sets the scene and gives the act."""

    reason: Rejection
    prepare: Callable[[Town], Callable[[], str]]
    rules: Program = field(default_factory=program)

    def __str__(self) -> str:
        return f"{self.reason:02d}-{self.reason.code}-{self.prepare.__name__}"


def _rich(town: Town) -> None:
    town.register("aiko", "bunta")
    town.charge("aiko", 5000)


def _submit(town: Town, submission: Submission) -> Callable[[], str]:
    def act() -> str:
        outcome = town.accept(submission)[0]
        assert isinstance(outcome, Refused)
        return outcome.code

    return act


def _paying(
    town: Town, payee: str = "bakery", value: int = 100, nonce: int = 0, **more: object
) -> Callable[[], str]:
    checkout = more.pop("checkout", None)
    payer = str(more.pop("payer", "aiko"))
    signed = town.authorization(payer, payee, value, nonce, **more)  # type: ignore[arg-type]
    return _submit(town, Submission(signed, checkout if isinstance(checkout, str) else None))


def _performing(town: Town, operation: Operation[Any]) -> Callable[[], str]:
    def act() -> str:
        with pytest.raises(Rejected) as caught:
            town.perform(operation)
        return caught.value.code

    return act


def _charging(town: Town, **changes: object) -> Callable[[], str]:
    coins = changes.pop("coins", 1000)
    points = changes.pop("points", None)
    holder = changes.pop("holder", "aiko")
    message = town.charge_message(str(holder), coins, points, **changes)  # type: ignore[arg-type]
    return _performing(town, message)


# ---------------------------------------------------------------- payments and sends


def a_payment_signed_by_another(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, key="bunta")


def a_payment_by_nobody_we_know_with_a_bad_signature(town: Town) -> Callable[[], str]:
    return _paying(town, payer="stranger", payee="nobody", key="bunta", nonce=99_999)


def a_checkout_that_does_not_exist(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, checkout="0" * 26)


def a_checkout_of_another_amount(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, value=100, checkout=town.checkout(101))


def a_checkout_of_another_shop(town: Town) -> Callable[[], str]:
    _rich(town)
    town.shop("cafe", 2)
    return _paying(town, checkout=town.checkout(100, number=2))


def a_checkout_that_was_paid(town: Town) -> Callable[[], str]:
    _rich(town)
    checkout = town.checkout(100)
    town.pay("aiko", "bakery", 100, 0, checkout)
    return _paying(town, nonce=1, checkout=checkout)


def a_checkout_at_its_deadline(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, checkout=town.checkout(100, deadline_ms=town.clock.now_ms()))


def a_nonce_above_the_window(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, nonce=120)


def the_nonce_that_the_base_could_not_pass(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("UPDATE wallet SET nonce_base = 16777150 WHERE address = %s", address_of("aiko"))
    return _paying(town, nonce=16_777_215)


def a_nonce_below_the_base(town: Town) -> Callable[[], str]:
    _rich(town)
    town.pay("aiko", "bakery", 100, 0)
    return _paying(town, nonce=0, value=101)


def a_nonce_used_inside_the_window(town: Town) -> Callable[[], str]:
    _rich(town)
    town.pay("aiko", "bakery", 100, 5)
    return _paying(town, nonce=5, value=101)


def a_random_nonce_used_before(town: Town) -> Callable[[], str]:
    _rich(town)
    town.pay("aiko", "bakery", 100, 1 << 200)
    return _paying(town, nonce=1 << 200, value=101)


def a_nonce_that_was_cancelled(town: Town) -> Callable[[], str]:
    _rich(town)
    message = town.cancel_message("aiko", 3)
    town.perform(message, actor="gateway")
    return _paying(town, nonce=3)


def an_authorization_that_begins_this_second(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, valid_after_s=town.clock.now_ms() // 1000)


def an_authorization_at_its_end(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, valid_before_s=town.clock.now_ms() // 1000)


def a_payment_with_a_second_less_than_half_an_hour_to_live(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, valid_before_s=town.clock.now_ms() // 1000 + 1_799)


def a_send_that_ends_in_a_second(town: Town) -> Callable[[], str]:
    _rich(town)
    town.register("bunta")
    return _paying(town, payee="bunta", valid_before_s=town.clock.now_ms() // 1000 + 1)


def a_cancel_by_a_wallet_that_never_held_value(town: Town) -> Callable[[], str]:
    town.register("aiko")
    return _performing(town, town.cancel_message("aiko", 0))


def a_payment_after_the_last_of_the_day(town: Town) -> Callable[[], str]:
    _rich(town)
    spends = [
        town.authorization("aiko", "bakery", 1, (1 << 24) + number) for number in range(SPENDS_OF_WALLET)
    ]
    town.accept(*map(Submission, spends))
    return _paying(town)


def a_cancel_after_the_last_of_the_day(town: Town) -> Callable[[], str]:
    _rich(town)
    for number in range(CANCELS_OF_WALLET):
        town.perform(town.cancel_message("aiko", (1 << 24) + number))
    return _performing(town, town.cancel_message("aiko", 0))


def an_end_of_41_bits(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, valid_before_s=1 << 40)


def an_end_of_256_bits(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, valid_before_s=(1 << 256) - 1)


def a_payer_that_is_not_registered(town: Town) -> Callable[[], str]:
    return _paying(town, payer="stranger")


def a_payer_that_is_a_shop(town: Town) -> Callable[[], str]:
    town.shop("cafe", 2)
    return _paying(town, payer="cafe")


def a_payer_whose_address_was_a_shop(town: Town) -> Callable[[], str]:
    town.shop("cafe", 2)
    town.shop("cafe-new", 2)
    return _paying(town, payer="cafe")


def a_send_to_oneself(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, payee="aiko")


def a_payer_that_is_closed(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("UPDATE wallet SET closed = true WHERE address = %s", address_of("aiko"))
    return _paying(town)


def a_receiver_that_is_closed(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("UPDATE wallet SET closed = true WHERE address = %s", address_of("bunta"))
    return _paying(town, payee="bunta")


def a_payer_that_is_frozen(town: Town) -> Callable[[], str]:
    _rich(town)
    until_s = town.clock.now_ms() // 1000 + 1
    town.rows("UPDATE wallet SET frozen_until_s = %s WHERE address = %s", until_s, address_of("aiko"))
    return _paying(town)


def a_payer_that_asked_for_its_exit(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("UPDATE wallet SET exit_at_s = 9999999999 WHERE address = %s", address_of("aiko"))
    return _paying(town)


def a_payer_with_an_open_incident(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("UPDATE wallet SET in_incident = true WHERE address = %s", address_of("aiko"))
    return _paying(town)


def a_payee_that_nobody_knows(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, payee="nobody")


def a_payee_whose_key_was_replaced(town: Town) -> Callable[[], str]:
    _rich(town)
    town.shop("bakery-new", 1)
    return _paying(town)


def a_shop_that_is_closed(town: Town) -> Callable[[], str]:
    _rich(town)
    town.shop("bakery", 1, status=2)
    return _paying(town)


def a_payment_of_nothing(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, value=0)


def a_payment_of_25_bits(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, value=1 << 24)


def a_payment_of_256_bits(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, value=(1 << 256) - 1)


def a_payment_above_the_limit(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, value=100_001)


def a_send_above_the_limit(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, payee="bunta", value=30_001)


def a_send_above_the_months_cap_of_the_sender(town: Town) -> Callable[[], str]:
    _rich(town)
    for _ in range(2):
        town.charge("aiko", 40_000)
    for nonce in range(2):
        assert not isinstance(town.pay("aiko", "bunta", 20_000, nonce), Refused)
    town.register("chie")
    return _paying(town, payee="chie", value=10_001, nonce=2)


def a_send_above_the_months_cap_of_the_receiver(town: Town) -> Callable[[], str]:
    _rich(town)
    town.register("chie", "daigo")
    for name in ("chie", "daigo"):
        town.charge(name, 40_000)
        assert not isinstance(town.pay(name, "bunta", 25_000, 0), Refused)
    return _paying(town, payee="bunta", value=1)


def a_send_that_fills_the_receiver_above_its_limit(town: Town) -> Callable[[], str]:
    _rich(town)
    for _ in range(2):
        town.charge("bunta", 50_000)
    town.clock.advance_ms(DAY_S * 1000)
    town.charge("bunta", 50_000)
    town.charge("bunta", 30_000)
    return _paying(town, payee="bunta", value=2001)


def a_payment_above_the_balance(town: Town) -> Callable[[], str]:
    _rich(town)
    return _paying(town, value=5501)


def a_payment_with_value_that_ended(town: Town) -> Callable[[], str]:
    _rich(town)
    town.clock.set_ms(HALF_YEAR_S * 1000)
    return _paying(town, value=5001)


def a_send_that_fills_a_lane(town: Town) -> Callable[[], str]:
    _rich(town)
    town.charge("bunta", 8_000_000)
    town.rows(
        "UPDATE balance SET amount = 16777215 FROM wallet w WHERE balance.account = w.account AND w.address = %s"
        " AND balance.kind = 'coin'",
        address_of("bunta"),
    )
    return _paying(town, payee="bunta", value=501)


# ---------------------------------------------------------------- the office


def a_charge_signed_by_another(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, key="aiko")


def a_charge_by_somebody_without_a_role(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, channel=address_of("bunta"), key="bunta")


def a_charge_by_a_revoked_channel(town: Town) -> Callable[[], str]:
    _rich(town)
    town.role("counter", 0, 0)
    return _charging(town)


def a_shop_registered_by_one_person_twice(town: Town) -> Callable[[], str]:
    message = town.shop_message("cafe", 2, names=("ken", "ken"))
    return _performing(town, message)


def a_shop_registered_by_one_person_alone(town: Town) -> Callable[[], str]:
    message = town.shop_message("cafe", 2, names=("ken",))
    return _performing(town, message)


def a_redeem_by_staff(town: Town) -> Callable[[], str]:
    message = town.redeem_message("bakery", 1, nonce=20, key="ken")
    return _performing(town, message)


def a_charge_with_a_nonce_above_the_window(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, nonce=1 + 128)


def a_charge_with_a_nonce_used_before(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, nonce=0)


def a_cancel_of_a_nonce_that_paid(town: Town) -> Callable[[], str]:
    _rich(town)
    town.pay("aiko", "bakery", 100, 0)
    message = town.cancel_message("aiko", 0)
    return _performing(town, message)


def a_cancel_above_the_window(town: Town) -> Callable[[], str]:
    _rich(town)
    message = town.cancel_message("aiko", 120)
    return _performing(town, message)


def a_cancel_by_a_stranger(town: Town) -> Callable[[], str]:
    message = town.cancel_message("stranger", 0)
    return _performing(town, message)


def a_cancel_by_a_shop(town: Town) -> Callable[[], str]:
    message = town.cancel_message("bakery", 0)
    return _performing(town, message)


def a_charge_of_a_stranger(town: Town) -> Callable[[], str]:
    return _charging(town)


def a_charge_of_a_shop(town: Town) -> Callable[[], str]:
    return _charging(town, holder="bakery")


def a_charge_of_a_closed_wallet(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("UPDATE wallet SET closed = true WHERE address = %s", address_of("aiko"))
    return _charging(town)


def a_redeem_for_nobody(town: Town) -> Callable[[], str]:
    message = town.redeem_message("nobody", 1)
    return _performing(town, message)


def _registering(town: Town, name: str, number: int, status: int = 1) -> Callable[[], str]:
    message = town.shop_message(name, number, status)
    return _performing(town, message)


def a_shop_with_number_0(town: Town) -> Callable[[], str]:
    return _registering(town, "cafe", 0)


def a_shop_with_number_1000000(town: Town) -> Callable[[], str]:
    return _registering(town, "cafe", 1_000_000)


def an_address_that_has_another_number(town: Town) -> Callable[[], str]:
    return _registering(town, "bakery", 2)


def a_shop_at_a_wallets_address(town: Town) -> Callable[[], str]:
    _rich(town)
    return _registering(town, "aiko", 2)


def a_shop_at_an_address_that_was_replaced(town: Town) -> Callable[[], str]:
    town.shop("bakery-new", 1)
    return _registering(town, "bakery", 1)


def a_shop_with_status_3(town: Town) -> Callable[[], str]:
    return _registering(town, "cafe", 2, status=3)


def a_charge_of_nothing(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, coins=0, coin_expiry_s=0)


def a_redeem_of_nothing(town: Town) -> Callable[[], str]:
    message = town.redeem_message("bakery", 0)
    return _performing(town, message)


def a_charge_of_1500(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, coins=1500)


def a_charge_above_the_limit_of_one(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, coins=51_000)


def a_charge_above_the_days_limit(town: Town) -> Callable[[], str]:
    _rich(town)
    town.charge("aiko", 50_000)
    return _charging(town, coins=46_000)


def a_charge_above_the_years_limit(town: Town) -> Callable[[], str]:
    _rich(town)
    for _ in range(3):
        town.charge("aiko", 1000)
    return _charging(town, coins=2000)


def a_charge_above_the_balance_limit(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, coins=45_000)


def a_charge_with_one_point_too_many(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, points=101, point_expiry_s=HALF_YEAR_S)


def a_charge_with_the_bonus_of_an_empty_fund(town: Town) -> Callable[[], str]:
    _rich(town)
    act = _charging(town)
    town.rows("UPDATE fund SET spent = budget WHERE id = 'town'")
    return act


def a_reference_used_before_by_the_same_channel(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, reference=keccak256(b"reference 1"))


def a_redeem_before_the_chain_has_confirmed(town: Town) -> Callable[[], str]:
    _rich(town)
    town.pay("aiko", "bakery", 100, 0)
    message = town.redeem_message("bakery", 100)
    return _performing(town, message)


def a_charge_with_another_date_than_the_rules(town: Town) -> Callable[[], str]:
    _rich(town)
    return _charging(town, coin_expiry_s=HALF_YEAR_S)


def _opening(town: Town, lane: int, expiry_s: int) -> Callable[[], str]:
    message = town.date_message(lane, expiry_s)
    return _performing(town, message)


def a_date_at_noon(town: Town) -> Callable[[], str]:
    return _opening(town, 3, YEAR_END_S + 12 * 3600)


def a_date_opened_before(town: Town) -> Callable[[], str]:
    return _opening(town, 3, YEAR_END_S)


def a_lane_that_does_not_exist(town: Town) -> Callable[[], str]:
    return _opening(town, 4, YEAR_END_S + DAY_S)


def a_charge_whose_date_was_never_opened(town: Town) -> Callable[[], str]:
    _rich(town)
    town.rows("DELETE FROM expiry_date WHERE expiry_s = %s", YEAR_END_S)
    return _charging(town)


def a_charge_with_an_open_date_and_any_bonus_when_the_rules_issue_nothing(town: Town) -> Callable[[], str]:
    _rich(town)
    later_s = YEAR_END_S + 100 * DAY_S
    town.date(3, later_s)
    act = _charging(town, points=900, coin_expiry_s=later_s, point_expiry_s=later_s)
    town.clock.set_ms(YEAR_END_S * 1000)
    return act


def the_end_of_a_date_that_was_never_opened(town: Town) -> Callable[[], str]:
    return _expiring(town, YEAR_END_S + DAY_S)


def a_date_in_the_past(town: Town) -> Callable[[], str]:
    return _opening(town, 3, HALF_YEAR_S - 100 * DAY_S)


def a_charge_after_the_last_date_of_the_rules(town: Town) -> Callable[[], str]:
    _rich(town)
    act = _charging(town)
    town.clock.set_ms((YEAR_END_S + 366 * DAY_S) * 1000)
    return act


def _expiring(town: Town, expiry_s: int, chain_time_s: int = 1 << 39) -> Callable[[], str]:
    return _performing(town, EndDate(expiry_s, chain_time_s=chain_time_s))


def a_date_that_has_not_come(town: Town) -> Callable[[], str]:
    town.clock.set_ms(HALF_YEAR_S * 1000 - 1)
    return _expiring(town, HALF_YEAR_S)


def a_date_that_the_chain_has_not_reached(town: Town) -> Callable[[], str]:
    town.clock.set_ms(HALF_YEAR_S * 1000)
    return _expiring(town, HALF_YEAR_S, chain_time_s=HALF_YEAR_S - 1)


def a_lane_ten_days_too_early(town: Town) -> Callable[[], str]:
    town.clock.set_ms((HALF_YEAR_S + 10 * DAY_S) * 1000 - 1)
    return _opening(town, 0, YEAR_END_S + DAY_S)


def a_lane_with_value_that_was_not_ended(town: Town) -> Callable[[], str]:
    _rich(town)
    town.clock.set_ms((HALF_YEAR_S + 10 * DAY_S) * 1000)
    return _opening(town, 0, YEAR_END_S + DAY_S)


def a_charge_that_fills_a_lane(town: Town) -> Callable[[], str]:
    _rich(town)
    town.charge("aiko", 16_770_000)
    return _charging(town, coins=2216)


def a_charge_above_the_channels_allowance(town: Town) -> Callable[[], str]:
    _rich(town)
    town.role("counter", 2, 6599, "counter")
    return _charging(town)


def a_charge_above_the_periods_cap(town: Town) -> Callable[[], str]:
    _rich(town)
    town.role(None, 6, 6599)
    return _charging(town)


def _changing(town: Town, account: bytes, role: int, allowance: int) -> Callable[[], str]:
    return _performing(town, town.role_message(account, role, allowance))


def role_7(town: Town) -> Callable[[], str]:
    return _changing(town, bytes(20), 7, 1)


def a_period_with_an_account(town: Town) -> Callable[[], str]:
    return _changing(town, address_of("ken"), 5, 1)


def a_revocation_with_an_allowance(town: Town) -> Callable[[], str]:
    return _changing(town, address_of("ken"), 0, 1)


def a_revocation_of_one_of_two_staff(town: Town) -> Callable[[], str]:
    return _changing(town, address_of("yumi"), 0, 0)


def another_role_for_one_of_two_staff(town: Town) -> Callable[[], str]:
    return _changing(town, address_of("ken"), 3, 0)


_R = Rejection
_POOR_YEAR = program(charge=Charge(1000, 1000, 50_000, 100_000, 9000))
_SMALL_PURSE = program(limits=Limits(50_000, 100_000))
ROWS = [
    Row(_R.SIGNATURE_INVALID, a_payment_signed_by_another),
    Row(_R.SIGNATURE_INVALID, a_payment_by_nobody_we_know_with_a_bad_signature),
    Row(_R.SIGNATURE_INVALID, a_charge_signed_by_another),
    Row(_R.SIGNER_NOT_AUTHORIZED, a_charge_by_somebody_without_a_role),
    Row(_R.SIGNER_NOT_AUTHORIZED, a_charge_by_a_revoked_channel),
    Row(_R.SIGNER_NOT_AUTHORIZED, a_shop_registered_by_one_person_twice),
    Row(_R.SIGNER_NOT_AUTHORIZED, a_shop_registered_by_one_person_alone),
    Row(_R.SIGNER_NOT_AUTHORIZED, a_redeem_by_staff),
    Row(_R.CHECKOUT_UNKNOWN, a_checkout_that_does_not_exist),
    Row(_R.CHECKOUT_MISMATCH, a_checkout_of_another_amount),
    Row(_R.CHECKOUT_MISMATCH, a_checkout_of_another_shop),
    Row(_R.CHECKOUT_PAID, a_checkout_that_was_paid),
    Row(_R.CHECKOUT_EXPIRED, a_checkout_at_its_deadline),
    Row(_R.NONCE_OUT_OF_WINDOW, a_nonce_above_the_window),
    Row(_R.NONCE_OUT_OF_WINDOW, the_nonce_that_the_base_could_not_pass),
    Row(_R.NONCE_OUT_OF_WINDOW, a_charge_with_a_nonce_above_the_window),
    Row(_R.NONCE_OUT_OF_WINDOW, a_cancel_above_the_window),
    Row(_R.NONCE_USED, a_nonce_below_the_base),
    Row(_R.NONCE_USED, a_nonce_used_inside_the_window),
    Row(_R.NONCE_USED, a_random_nonce_used_before),
    Row(_R.NONCE_USED, a_nonce_that_was_cancelled),
    Row(_R.NONCE_USED, a_charge_with_a_nonce_used_before),
    Row(_R.NONCE_USED, a_cancel_of_a_nonce_that_paid),
    Row(_R.AUTHORIZATION_NOT_YET_VALID, an_authorization_that_begins_this_second),
    Row(_R.AUTHORIZATION_EXPIRED, an_authorization_at_its_end),
    Row(_R.AUTHORIZATION_TIMES_UNSUPPORTED, an_end_of_41_bits),
    Row(_R.AUTHORIZATION_TIMES_UNSUPPORTED, an_end_of_256_bits),
    Row(_R.HOLDER_UNKNOWN, a_payer_that_is_not_registered),
    Row(_R.HOLDER_UNKNOWN, a_charge_of_a_stranger),
    Row(_R.HOLDER_UNKNOWN, a_cancel_by_a_stranger),
    Row(_R.HOLDER_IS_MERCHANT, a_payer_that_is_a_shop),
    Row(_R.HOLDER_IS_MERCHANT, a_payer_whose_address_was_a_shop),
    Row(_R.HOLDER_IS_MERCHANT, a_charge_of_a_shop),
    Row(_R.HOLDER_IS_MERCHANT, a_cancel_by_a_shop),
    Row(_R.SELF_TRANSFER, a_send_to_oneself),
    Row(_R.ACCOUNT_CLOSED, a_payer_that_is_closed),
    Row(_R.ACCOUNT_CLOSED, a_receiver_that_is_closed),
    Row(_R.ACCOUNT_CLOSED, a_charge_of_a_closed_wallet),
    Row(_R.ACCOUNT_FROZEN, a_payer_that_is_frozen),
    Row(_R.ACCOUNT_EXITING, a_payer_that_asked_for_its_exit),
    Row(_R.ACCOUNT_IN_INCIDENT, a_payer_with_an_open_incident),
    Row(_R.MERCHANT_NOT_REGISTERED, a_payee_that_nobody_knows),
    Row(_R.MERCHANT_NOT_REGISTERED, a_payee_whose_key_was_replaced),
    Row(_R.MERCHANT_NOT_REGISTERED, a_redeem_for_nobody),
    Row(_R.MERCHANT_CLOSED, a_shop_that_is_closed),
    Row(_R.MERCHANT_NUMBER_INVALID, a_shop_with_number_0),
    Row(_R.MERCHANT_NUMBER_INVALID, a_shop_with_number_1000000),
    Row(_R.MERCHANT_NUMBER_INVALID, an_address_that_has_another_number),
    Row(_R.ADDRESS_IN_USE, a_shop_at_a_wallets_address),
    Row(_R.ADDRESS_IN_USE, a_shop_at_an_address_that_was_replaced),
    Row(_R.STATUS_INVALID, a_shop_with_status_3),
    Row(_R.AMOUNT_INVALID, a_payment_of_nothing),
    Row(_R.AMOUNT_INVALID, a_payment_of_25_bits),
    Row(_R.AMOUNT_INVALID, a_payment_of_256_bits),
    Row(_R.AMOUNT_INVALID, a_charge_of_nothing),
    Row(_R.AMOUNT_INVALID, a_redeem_of_nothing),
    Row(_R.PAYMENT_LIMIT, a_payment_above_the_limit),
    Row(_R.SEND_LIMIT, a_send_above_the_limit),
    Row(_R.SEND_LIMIT, a_send_above_the_months_cap_of_the_sender),
    Row(_R.SEND_LIMIT, a_send_above_the_months_cap_of_the_receiver),
    Row(_R.CHARGE_UNIT, a_charge_of_1500),
    Row(_R.CHARGE_LIMIT, a_charge_above_the_limit_of_one),
    Row(_R.CHARGE_LIMIT, a_charge_above_the_days_limit),
    Row(_R.CHARGE_LIMIT, a_charge_above_the_years_limit, _POOR_YEAR),
    Row(_R.BALANCE_LIMIT, a_send_that_fills_the_receiver_above_its_limit),
    Row(_R.BALANCE_LIMIT, a_charge_above_the_balance_limit, _SMALL_PURSE),
    Row(_R.BONUS_DIFFERS, a_charge_with_one_point_too_many),
    Row(_R.BONUS_DIFFERS, a_charge_with_the_bonus_of_an_empty_fund),
    Row(_R.REFERENCE_USED, a_reference_used_before_by_the_same_channel),
    Row(_R.INSUFFICIENT_BALANCE, a_payment_above_the_balance),
    Row(_R.INSUFFICIENT_BALANCE, a_payment_with_value_that_ended),
    Row(_R.INSUFFICIENT_REDEEMABLE, a_redeem_before_the_chain_has_confirmed),
    Row(_R.DATE_INVALID, a_charge_with_another_date_than_the_rules),
    Row(_R.DATE_INVALID, a_date_at_noon),
    Row(_R.DATE_INVALID, a_date_opened_before),
    Row(_R.DATE_INVALID, a_lane_that_does_not_exist),
    Row(_R.DATE_NOT_IN_CALENDAR, a_charge_whose_date_was_never_opened),
    Row(_R.DATE_NOT_IN_CALENDAR, a_charge_with_an_open_date_and_any_bonus_when_the_rules_issue_nothing),
    Row(_R.DATE_NOT_IN_CALENDAR, the_end_of_a_date_that_was_never_opened),
    Row(_R.DATE_PASSED, a_date_in_the_past),
    Row(_R.DATE_PASSED, a_charge_after_the_last_date_of_the_rules),
    Row(_R.DATE_NOT_REACHED, a_date_that_has_not_come),
    Row(_R.DATE_NOT_REACHED, a_date_that_the_chain_has_not_reached),
    Row(_R.LANE_OCCUPIED, a_lane_ten_days_too_early),
    Row(_R.LANE_OCCUPIED, a_lane_with_value_that_was_not_ended),
    Row(_R.LANE_FULL, a_send_that_fills_a_lane, LARGE),
    Row(_R.LANE_FULL, a_charge_that_fills_a_lane, LARGE),
    Row(_R.ALLOWANCE_EXCEEDED, a_charge_above_the_channels_allowance),
    Row(_R.CAP_EXCEEDED, a_charge_above_the_periods_cap),
    Row(_R.ROLE_INVALID, role_7),
    Row(_R.ROLE_INVALID, a_period_with_an_account),
    Row(_R.ROLE_INVALID, a_revocation_with_an_allowance),
    Row(_R.AUTHORIZATION_TOO_SHORT, a_payment_with_a_second_less_than_half_an_hour_to_live),
    Row(_R.AUTHORIZATION_TOO_SHORT, a_send_that_ends_in_a_second),
    Row(_R.HOLDER_WITHOUT_VALUE, a_cancel_by_a_wallet_that_never_held_value),
    Row(_R.DAILY_QUOTA, a_payment_after_the_last_of_the_day),
    Row(_R.DAILY_QUOTA, a_cancel_after_the_last_of_the_day),
    Row(_R.STAFF_TOO_FEW, a_revocation_of_one_of_two_staff),
    Row(_R.STAFF_TOO_FEW, another_role_for_one_of_two_staff),
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_refusal_has_its_code_and_moves_nothing(row: Row, database: Database) -> None:
    town = open_town(database, row.rules)
    act = row.prepare(town)
    before = town.everything()

    code = act()

    assert code == row.reason.code
    assert town.everything() == before


def test_the_rows_stand_in_the_ladders_order_and_leave_out_only_what_this_release_cannot_meet() -> None:
    reasons = [row.reason for row in ROWS]

    assert reasons == sorted(reasons)
    assert set(reasons) | RESERVED | {Rejection.NONE} == set(Rejection)
    assert not set(reasons) & RESERVED


def test_of_two_reasons_the_lower_is_the_answer(town: Town) -> None:
    _rich(town)
    town.rows("UPDATE wallet SET frozen_until_s = 9999999999 WHERE address = %s", address_of("aiko"))

    too_much_while_frozen = town.authorization("aiko", "bakery", 9_999_999, 0)
    and_with_a_used_up_window = replace(too_much_while_frozen, nonce=(120).to_bytes(32, "big"))
    forged = replace(too_much_while_frozen, value=1)

    answers = town.accept(Submission(too_much_while_frozen), Submission(forged))
    assert [a.code for a in answers if isinstance(a, Refused)] == ["account_frozen", "signature_invalid"]
    assert isinstance(town.accept(Submission(and_with_a_used_up_window))[0], Refused)


def test_the_ladder_in_sql_is_the_ladder_in_python(town: Town) -> None:
    rows = town.rows("SELECT reason, code FROM rejection ORDER BY reason")

    assert {row["reason"]: row["code"] for row in rows} == {int(r): r.code for r in Rejection}
