"""A chain for histories, and a small settled town to damage."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from history_moves import Pay, Settle, Signed
from history_rules import Knobs
from history_stage import START_MS, Stage, open_town
from history_town import HistoryTown

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.database.embedded import EmbeddedPostgres
from coin.program import Exhaustion

PLAIN = Knobs(START_MS, 6, 0, 4, 1_000_000, Exhaustion.PARTIAL, 10**9, 10**9, 1_000, is_rich=False)


@pytest.fixture(scope="session")
def stage(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Where histories are played."""
    state: Path = tmp_path_factory.mktemp("history-chain") / "state.json"
    with (
        Anvil(AnvilOptions(state=state, timestamp_s=START_MS // 1000 - 1_000)) as chain,
        Rpc(chain.url) as rpc,
    ):
        yield Stage(postgres, rpc)


@pytest.fixture
def settled_town(stage: Stage) -> Iterator[HistoryTown]:
    """A town in which one person was charged and has paid one shop; everything is settled."""
    with stage.town(PLAIN) as town:
        maker = open_town(town, seed=1)
        town.do(maker.charge_of("counter", "holder-0", 1_000))
        now_s = START_MS // 1000
        town.do(Pay((Signed("holder-0", "shop-0", 300, 0, now_s + 3_600, 0, "holder-0"),)))
        town.do(Settle(True))
        town.drain()
        yield town
