"""A record that the chain skips is sent as it is, named, and holds its payer until people dispose of it."""

import psycopg
import pytest
from settled_town import SettledTown, signatory

from coin.payments import Refused
from coin.settlement.reconcile import reconcile


@pytest.fixture
def skipped(town: SettledTown, owner_url: str) -> int:
    """A payment whose signature went bad in the books after it was accepted; settled with a good one around it."""
    bad = town.pay("aoi", "bakery", 1_200)
    town.pay("riku", "diner", 300)
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(
            "UPDATE chain_effect SET signatures = set_byte(signatures, 5, get_byte(signatures, 5) # 1) WHERE sequence = %s",
            [bad.sequence],
        )
    town.settle()
    return bad.sequence


def test_a_skipped_record_is_an_incident_with_its_reason_and_the_rest_settles(
    town: SettledTown, skipped: int
) -> None:
    shops = [signatory(name).address for name in ("bakery", "diner")]

    words = town.settler.contract.merchants(shops)

    assert town.rows("SELECT sequence, reason, is_confirmed, disposition FROM incident") == [
        {"sequence": skipped, "reason": 1, "is_confirmed": True, "disposition": None}
    ]
    assert [words[shop].balance for shop in shops] == [0, 300]
    assert town.states() == ["confirmed"]


def test_the_payer_of_an_open_incident_is_refused_and_others_are_not(town: SettledTown, skipped: int) -> None:
    (refused,) = town.submit([town.authorization("aoi", "diner", 10)])
    town.pay("riku", "diner", 10)

    assert isinstance(refused, Refused)
    assert refused.code == "account_in_incident"


def test_an_open_incident_is_named_by_reconciliation_and_is_no_difference(
    town: SettledTown, skipped: int
) -> None:
    found = reconcile(town.database, town.municipality, town.settler.rpc)

    assert found.differences == ()
    assert [(item.kind, item.place) for item in found.open_items] == [
        ("incident", f"operation {skipped}: signature_invalid")
    ]
    assert not found.is_closed
