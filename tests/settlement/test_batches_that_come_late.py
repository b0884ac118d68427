"""A batch that is older than 240 h waits for two staff; then it settles like any other (I-04)."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.errors import CoinError, Unavailable
from coin.office.late_batch import approval_of, approve_late_batch, late_batch
from coin.reconciliation.reconcile import reconcile
from coin.settlement.seal import seal_due
from tests.worlds.books import STAFF
from tests.worlds.settled import SettledTown

ELEVEN_DAYS_MS = 11 * 86_400_000


@pytest.fixture
def chain(chain_of_its_own: Anvil) -> Anvil:
    """The chain of this file's towns."""
    return chain_of_its_own


@pytest.fixture
def late_town(town: SettledTown) -> SettledTown:
    """A payment was sealed, and then nobody settled for eleven days."""
    town.settle()
    town.pay("aoi", "bakery", 500)
    seal_due(town.database, town.code, town.clock.now_ms(), force=True)
    town.clock.set_ms(town.clock.now_ms() + ELEVEN_DAYS_MS)
    return town


def approve(town: SettledTown, names: Sequence[str] = STAFF, **changes: Any) -> None:
    with town.books() as books:
        batch = late_batch(books)
        message = replace(approval_of(books, batch), **changes)
        approve_late_batch(books, town.two(message, names), actor="test")


def test_a_late_batch_is_not_sent_without_an_approval(late_town: SettledTown) -> None:
    with pytest.raises(Unavailable, match="240") as refusal:
        late_town.settle()

    assert refusal.value.code == "settlement_stopped"


def test_two_staff_let_it_through_and_the_books_are_the_chain(late_town: SettledTown, rpc: Rpc) -> None:
    approve(late_town)
    late_town.settle()

    found = reconcile(late_town.database, late_town.municipality, rpc)
    assert (found.differences, found.open_items) == ((), ())
    assert set(late_town.states()) == {"confirmed"}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (("ken", "ken"), "signer_not_authorized"),
        (("ken", "settler"), "signer_not_authorized"),
        (("cashier", "yumi"), "signer_not_authorized"),
    ],
)
def test_less_than_two_staff_change_nothing(
    late_town: SettledTown, names: tuple[str, str], code: str
) -> None:
    with pytest.raises(CoinError) as refusal:
        approve(late_town, names)

    assert refusal.value.code == code
    assert late_town.rows("SELECT 1 FROM batch WHERE approval IS NOT NULL") == []


@pytest.mark.parametrize(
    "changes",
    [{"batch_no": 7}, {"first_sequence": 7}, {"as_of_s": 7}, {"count": 7}, {"data_hash": bytes(32)}],
    ids=str,
)
def test_an_approval_of_another_batch_or_of_another_content_is_refused(
    late_town: SettledTown, changes: dict[str, Any]
) -> None:
    with pytest.raises(CoinError) as refusal:
        approve(late_town, **changes)

    assert refusal.value.code == "signature_invalid"
    assert late_town.rows("SELECT 1 FROM batch WHERE approval IS NOT NULL") == []


def test_a_batch_in_time_needs_no_approval(town: SettledTown) -> None:
    town.pay("aoi", "bakery", 500)
    seal_due(town.database, town.code, town.clock.now_ms(), force=True)

    with pytest.raises(CoinError) as refusal:
        approve(town)

    assert refusal.value.code == "no_late_batch"
