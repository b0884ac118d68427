"""What tests of settlement and of reconciliation ask for: a town in a fresh database on a fresh contract.

One chain serves all tests that do not break it. A folder's conftest.py takes these fixtures over.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.database.database import Database
from tests.worlds.rules import START_MS
from tests.worlds.settled import SettledTown, found


@pytest.fixture(scope="session")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    """A running chain whose time begins with the town's."""
    state = tmp_path_factory.mktemp("anvil") / "state.json"
    with Anvil(AnvilOptions(state=state, timestamp_s=START_MS // 1000)) as anvil:
        yield anvil


@pytest.fixture
def chain_of_its_own(tmp_path: Path) -> Iterator[Anvil]:
    """For tests that leave the days of the others: the time of a chain never goes back."""
    with Anvil(AnvilOptions(state=tmp_path / "state.json", timestamp_s=START_MS // 1000)) as anvil:
        yield anvil


@pytest.fixture
def rpc(chain: Anvil) -> Iterator[Rpc]:
    """A connection to it."""
    with Rpc(chain.url) as opened:
        yield opened


@pytest.fixture
def town(database: Database, rpc: Rpc) -> SettledTown:
    """Opened, with two shops and two residents who have charged 10,000 each."""
    town = found(database, rpc)
    town.shops("bakery", "diner")
    town.enrol(10_000, "aoi", "riku")
    return town
