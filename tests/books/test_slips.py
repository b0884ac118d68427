"""Slips at the counter: one is charged once, and the chain does not tell which slip a charge had."""

import psycopg
import pytest

from coin import messages
from coin.core import keccak256
from coin.errors import Rejected, Unavailable
from coin.references import unkeyed_slip_reference
from coin.registry import slip_key
from coin.signatory import Signatory
from tests.worlds.books import Town
from tests.worlds.people import address_of, key_of
from tests.worlds.rules import COUNTER
from town_cli.desk.charges import Charge, Charged, charge, charge_many


def charged(town: Town, slip: str | None) -> Charged:
    with town.books() as books:
        return charge(
            books, Signatory(key_of(COUNTER)), Charge(address_of("aiko"), 1000, slip), actor="clerk"
        )


def on_the_chain(town: Town) -> list[bytes]:
    """The references that anybody can read there."""
    rows = town.rows("SELECT words FROM chain_effect WHERE kind = 1 ORDER BY sequence")
    return [messages.TopUp.parse(row["words"]).reference for row in rows]  # type: ignore[arg-type]


def test_a_slips_number_is_not_found_by_trying_numbers(town: Town) -> None:
    town.register("aiko")

    charged(town, "17")

    (reference,) = on_the_chain(town)
    assert reference not in {keccak256(str(number).encode()) for number in range(1_000)}


@pytest.mark.parametrize("again", ["伝票17", " 伝票１７"])
def test_a_slip_is_charged_once_and_another_one_after_it(town: Town, again: str) -> None:
    town.register("aiko")
    charged(town, "伝票17")

    with pytest.raises(Rejected) as refused:
        charged(town, again)
    charged(town, "伝票18")
    charged(town, None)

    assert refused.value.code == "reference_used"
    assert len(set(on_the_chain(town))) == 3


def test_a_slip_that_an_earlier_release_charged_stays_charged_alone_and_in_a_list(town: Town) -> None:
    town.register("aiko")
    town.charge("aiko", 1000, reference=unkeyed_slip_reference("17"))

    with pytest.raises(Rejected) as refused:
        charged(town, "１７")
    with town.books() as books:
        requests = [Charge(address_of("aiko"), 1000, slip) for slip in ("17", "18")]
        one, other = charge_many(books, Signatory(key_of(COUNTER)), requests, actor="clerk")

    assert refused.value.code == "reference_used"
    assert isinstance(one, Rejected)
    assert one.code == "reference_used"
    assert not isinstance(other, Rejected)


def test_without_its_key_a_town_charges_no_slip_and_makes_no_other_key(town: Town, owner_url: str) -> None:
    town.register("aiko")
    with psycopg.connect(owner_url) as owner:
        owner.execute("DELETE FROM slip_key")
    before = town.everything()

    with pytest.raises(Unavailable) as refused:
        charged(town, "17")

    assert refused.value.code == "slip_key_missing"
    assert town.everything() == before
    assert charged(town, None).quote.coins == 1000


@pytest.mark.parametrize(
    "statement", ["UPDATE slip_key SET secret = decode(repeat('00', 32), 'hex')", "DELETE FROM slip_key"]
)
def test_no_process_changes_the_key_of_slips(town: Town, statement: str) -> None:
    with town.books() as books:
        before = slip_key.read(books.connection, town.code)

    with pytest.raises(psycopg.errors.InsufficientPrivilege), town.database.transaction() as connection:
        connection.execute(statement)

    with town.books() as books:
        assert slip_key.read(books.connection, town.code) == before
