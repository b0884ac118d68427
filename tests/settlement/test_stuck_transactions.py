"""On a chain with fees a stuck transaction is replaced by one with higher fees, the same nonce and calldata."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.chain.transactions import next_nonce
from coin.database.database import Database
from coin.reconciliation.reconcile import reconcile
from coin.settlement.seal import seal_due
from coin.settlement.tick import drain, tick
from tests.worlds.people import address_of
from tests.worlds.rules import START_MS
from tests.worlds.settled import SettledTown, found


@pytest.fixture
def paid_town(database: Database, tmp_path: Path) -> Iterator[SettledTown]:
    """A town on a chain of its own that takes fees."""
    options = AnvilOptions(state=tmp_path / "state.json", timestamp_s=START_MS // 1000, is_free=False)
    with Anvil(options) as anvil, Rpc(anvil.url) as rpc:
        for name in ("deployer", "settler"):
            rpc.call("anvil_setBalance", "0x" + address_of(name).hex(), hex(10**20))
        yield found(database, rpc)


def test_a_stuck_transaction_is_replaced_at_a_higher_fee_and_settles_once(paid_town: SettledTown) -> None:
    rpc = paid_town.settler.rpc
    rpc.call("evm_setAutomine", False)
    seal_due(paid_town.database, paid_town.code, paid_town.clock.now_ms(), force=True)
    tick(paid_town.settler)
    first = paid_town.rows("SELECT transaction_hash, account_nonce FROM batch")[0]

    paid_town.clock.advance_ms(121_000)
    tick(paid_town.settler)
    tick(paid_town.settler)
    second = paid_town.rows("SELECT transaction_hash, account_nonce FROM batch")[0]
    rpc.call("evm_mine")
    rpc.call("evm_setAutomine", True)
    drain(paid_town.settler, force=False)

    assert second["transaction_hash"] != first["transaction_hash"]
    assert second["account_nonce"] == first["account_nonce"]
    assert next_nonce(rpc, paid_town.settler.address, "latest") == 1
    assert reconcile(paid_town.database, paid_town.municipality, rpc).is_closed
