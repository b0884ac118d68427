"""A message that comes again, of whatever kind, gets its first answer and changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from test_races import at_once

from coin.errors import Rejected
from coin.operations.operation import Operation
from coin.operations.perform import perform_each
from coin.payments import Accepted
from coin.records.kinds import KINDS, PAYMENTS, SignedBy
from tests.worlds.books import Town
from tests.worlds.rules import NEXT_YEAR_END_S

A_DAY_S = 86_400
MESSAGES: dict[str, Callable[[Town], Operation[Any]]] = {
    "top-up": lambda town: town.charge_message("aiko", 10_000),
    "cancel": lambda town: town.cancel_message("aiko", 5),
    "redeem": lambda town: town.redeem_message("bakery", 600),
    "merchant": lambda town: town.shop_message("florist", 77),
    "calendar": lambda town: town.date_message(3, NEXT_YEAR_END_S + A_DAY_S),
    "role": lambda town: town.role_message("hana", 4, 0),
}


def everything(town: Town) -> list[dict[str, object]]:
    """All that an operation can change, but for the number of rows of the audit log, which is counted too."""
    return town.rows(
        """SELECT (SELECT count(*) FROM operation), (SELECT count(*) FROM journal), (SELECT count(*) FROM audit),
                  (SELECT json_agg(b ORDER BY b.account, b.kind, b.expiry_s, b.fund) FROM balance b)::text AS balances,
                  (SELECT json_agg(s ORDER BY s.address) FROM signer s)::text AS signers,
                  (SELECT json_agg(w ORDER BY w.address) FROM wallet w)::text AS wallets"""
    )


@pytest.fixture
def busy(town: Town) -> Town:
    """A town in which each of the messages is good: somebody has paid, and the chain has confirmed it."""
    town.register("aiko")
    town.charge("aiko", 5000)
    paid = town.pay("aiko", "bakery", 700, 0)
    assert isinstance(paid, Accepted)
    town.rows(
        """INSERT INTO batch (municipality, number, first_sequence, last_sequence, as_of_s, state, calldata, sealed_at_ms)
           VALUES ('074071', 1, 1, %s, 0, 'confirmed', '', 0)""",
        paid.sequence,
    )
    return town


def test_every_kind_that_is_signed_and_carried_out_stands_here() -> None:
    signed = {
        row.en
        for row in KINDS.values()
        if row.is_carried_out and row.kind not in PAYMENTS and row.signed_by is not SignedBy.NOBODY
    }

    assert set(MESSAGES) == signed


@pytest.mark.parametrize("kind", MESSAGES)
def test_the_same_message_again_gets_its_first_answer_and_changes_nothing(busy: Town, kind: str) -> None:
    message = MESSAGES[kind](busy)
    first = busy.perform(message)
    before = everything(busy)
    busy.clock.advance_ms(60_000)

    again = busy.perform(message)

    assert again == first
    assert again.digest == message.digest(busy.municipality.domain)
    assert everything(busy) == before


@pytest.mark.parametrize("kind", MESSAGES)
def test_many_who_send_it_at_once_get_one_answer(busy: Town, kind: str) -> None:
    message = MESSAGES[kind](busy)

    answers = at_once([lambda: busy.perform(message)] * 4)

    assert len(set(answers)) == 1
    assert busy.rows("SELECT last_sequence FROM journal_head") == [{"last_sequence": answers[0].sequence}]


def test_what_happened_since_does_not_change_the_first_answer(busy: Town) -> None:
    opens = busy.shop_message("florist", 77)
    first = busy.perform(opens)
    busy.shop("florist", 77, 2)

    assert busy.perform(opens) == first
    assert busy.rows("SELECT is_open FROM merchant WHERE number = 77") == [{"is_open": False}]


@pytest.mark.parametrize("channel", ["counter", None, "nowhere"])
def test_another_channel_beside_the_same_message_is_not_looked_at(busy: Town, channel: str | None) -> None:
    message = busy.role_message("hana", 2, 1000, "atm")
    first = busy.perform(message)

    assert busy.perform(replace(message, channel=channel)) == first
    assert busy.rows("SELECT channel FROM signer WHERE address = %s", message.account) == [{"channel": "atm"}]


def test_another_name_beside_the_same_message_is_not_looked_at(busy: Town) -> None:
    message = busy.shop_message("florist", 77)
    first = busy.perform(message)

    assert busy.perform(replace(message, shop=None)) == first
    assert busy.rows("SELECT name FROM merchant WHERE number = 77") == [{"name": "商店77"}]


def test_another_cashier_redeems_by_a_message_of_its_own(busy: Town) -> None:
    busy.role("hana", 3, 0)
    first = busy.perform(busy.redeem_message("bakery", 100, 7))

    assert busy.perform(busy.redeem_message("bakery", 100, 7, key="hana")).digest != first.digest


def test_the_signature_of_another_cashier_under_the_same_words_is_refused(busy: Town) -> None:
    busy.role("hana", 3, 0)
    message = busy.redeem_message("bakery", 100, 7)
    forged = replace(message, signature=busy.sign(message, "hana"))

    with pytest.raises(Rejected) as refusal:
        busy.perform(forged)

    assert refusal.value.code == "signature_invalid"


def test_parts_of_a_first_answer_are_what_was_burnt(busy: Town) -> None:
    message = busy.redeem_message("bakery", 600)

    parts = {(part.code.value, part.lot.kind.value, part.amount) for part in busy.perform(message).parts}

    assert parts == {("redeem", "point", 500), ("redeem", "coin", 100)}


def test_another_message_with_the_same_nonce_is_refused(busy: Town) -> None:
    busy.perform(busy.redeem_message("bakery", 100, 7))

    with pytest.raises(Rejected) as refusal:
        busy.perform(busy.redeem_message("bakery", 101, 7))

    assert refusal.value.code == "nonce_used"


def test_in_a_list_the_same_message_twice_is_carried_out_once(busy: Town) -> None:
    message = busy.charge_message("aiko", 10_000)
    forged = replace(message, coins=20_000)

    with busy.books() as books:
        first, wrong, again = perform_each(books, [message, forged, message], actor="test")

    assert first == again
    assert isinstance(wrong, Rejected)
    assert wrong.code == "signature_invalid"
