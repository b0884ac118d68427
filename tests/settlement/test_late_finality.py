"""On a node that finalizes late, a batch in a block is open until its block is final, and whoever waits is told why."""

from collections.abc import Iterator

import pytest

from coin.chain.anvil import Anvil
from coin.chain.rpc import Rpc
from coin.database.database import Database
from coin.errors import CoinError, Unavailable
from coin.settlement.settler import Policy
from coin.settlement.tick import Ticked, drain, tick
from tests.worlds.settled import SettledTown, found


@pytest.fixture
def town(database: Database, chain_of_its_own: Anvil) -> Iterator[SettledTown]:
    """A town whose node calls a block final 64 blocks later."""
    with Rpc(chain_of_its_own.url) as rpc:
        town = found(database, rpc, Policy(sets_block_time=True))
        town.shops("bakery")
        yield town


def test_it_is_counted_as_left_until_its_block_is_final(town: SettledTown) -> None:
    waiting = tick(town.settler, force=True)
    town.settler.rpc.call("anvil_mine", hex(70))
    done = tick(town.settler)

    assert (waiting.left, waiting.unconfirmed, waiting.confirmed) == (1, 1, 0)
    assert waiting.waits_for_block is not None
    assert waiting.final_block is not None
    assert waiting.final_block < waiting.waits_for_block
    assert (done.left, done.confirmed) == (0, 1)


def test_what_is_left_is_counted_also_while_another_worker_settles(town: SettledTown) -> None:
    tick(town.settler, force=True)

    with town.database.transaction() as worker:
        worker.execute("SELECT pg_advisory_xact_lock(hashtext('settle ' || %s))", [town.code])
        seen = tick(town.settler)

    assert seen.is_busy
    assert seen.left == 1


def test_a_wait_without_progress_ends_with_the_blocks_that_it_waits_for(town: SettledTown) -> None:
    seen: list[Ticked] = []

    with pytest.raises(Unavailable) as slow:
        drain(town.settler, final_timeout_s=0.0, watch=seen.append)

    assert slow.value.code == "settlement_slow"
    assert str(seen[-1].waits_for_block) in slow.value.en
    assert town.states() == ["mined"]


def test_a_chain_without_finality_takes_a_number_of_blocks(town: SettledTown) -> None:
    policy = Policy.here(town.municipality, {"BANDAI_CONFIRMATIONS": "12"})

    assert policy.confirmations == 12
    assert Policy.here(town.municipality, {"BANDAI_CONFIRMATIONS": "finalized"}).confirmations is None
    with pytest.raises(CoinError) as refusal:
        Policy.here(town.municipality, {"BANDAI_CONFIRMATIONS": "soon"})
    assert refusal.value.code == "setting_invalid"
