"""A chain for histories, and a maker of fresh towns on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from history_rules import Knobs
from history_stage import START_MS, Stage
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
def plain_town(stage: Stage) -> Iterator[HistoryTown]:
    """A town with wide limits, opened with three staff and nothing else."""
    with _town(stage) as town:
        yield town


@contextmanager
def _town(stage: Stage) -> Iterator[HistoryTown]:
    with stage.town(PLAIN) as town:
        yield town
