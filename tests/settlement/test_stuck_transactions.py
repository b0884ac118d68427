"""On a chain with fees a stuck transaction is replaced by one with higher fees, the same nonce and calldata, and who lacks the
money for gas is named with the amount."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.deploy import Constitution, deploy
from coin.chain.funds import shown
from coin.chain.rpc import Rpc
from coin.chain.transactions import current_fees, next_nonce
from coin.database.database import Database
from coin.errors import Unavailable
from coin.ledger import batches
from coin.messages import checksum_address
from coin.reconciliation.reconcile import reconcile
from coin.settlement.seal import seal_due
from coin.settlement.send import sign_batch
from coin.settlement.settler import GAS_LIMIT
from coin.settlement.tick import drain, tick
from tests.worlds.people import address_of, key_of
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


def test_a_settler_without_gas_money_is_named_with_the_amount_and_goes_on_when_it_is_there(
    paid_town: SettledTown,
) -> None:
    rpc, settler = paid_town.settler.rpc, paid_town.settler.address
    rpc.call("anvil_setBalance", "0x" + settler.hex(), "0x0")
    with pytest.raises(Unavailable) as stopped:
        tick(paid_town.settler, force=True)
    needed_wei = 2 * GAS_LIMIT * current_fees(rpc).max_fee_wei

    rpc.call("anvil_setBalance", "0x" + settler.hex(), hex(needed_wei))
    drain(paid_town.settler, force=False)

    assert stopped.value.code == "account_unfunded"
    assert checksum_address(settler) in stopped.value.en
    assert shown(needed_wei) in stopped.value.en
    assert paid_town.states() == ["confirmed"]


def test_the_node_that_finds_the_account_empty_is_believed_only_after_a_look(paid_town: SettledTown) -> None:
    rpc, settler = paid_town.settler.rpc, paid_town.settler.address
    seal_due(paid_town.database, paid_town.code, paid_town.clock.now_ms(), force=True)
    with paid_town.database.transaction() as conn:
        batch = batches.oldest_unmined(conn, paid_town.code)
    assert batch is not None
    sign_batch(paid_town.settler, batch)
    rpc.call("anvil_setBalance", "0x" + settler.hex(), "0x0")

    with pytest.raises(Unavailable) as stopped:
        tick(paid_town.settler)

    assert stopped.value.code == "account_unfunded"


def test_a_deployer_without_gas_money_is_named(paid_town: SettledTown) -> None:
    nobody = address_of("nobody")
    constitution = Constitution("BandaiCoin 074071", nobody, nobody, [nobody, address_of("aoi")])

    with pytest.raises(Unavailable) as stopped:
        deploy(paid_town.settler.rpc, key_of("nobody"), constitution)

    assert stopped.value.code == "account_unfunded"
    assert checksum_address(nobody) in stopped.value.en
