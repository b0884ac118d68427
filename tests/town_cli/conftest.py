"""Towns that were deployed by the command itself, on a real chain and the embedded database."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from office import Office
from served import ServedTown

from coin.chain.anvil import Anvil, AnvilOptions
from coin.clock import move_clock_to
from coin.database.embedded import EmbeddedPostgres
from coin.keystore import write_keystore

NODE_TIME_S = 1_658_450_000


@contextmanager
def _cheap_keystores() -> Iterator[None]:
    """A keystore takes half a second and 128 MiB on purpose, each time; that cost has a test of its own."""
    cheap = partial(write_keystore, cost_log2=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("coin.keyring.write_keystore", cheap)
        yield


@pytest.fixture(scope="module", autouse=True)
def _cheap_in_this_file() -> Iterator[None]:
    """Not for longer: whatever file the same process runs next is to meet the full cost."""
    with _cheap_keystores():
        yield


@contextmanager
def deployed(folder: Path, example: Path) -> Iterator[Office]:
    """Deploy a town in an empty folder; its database and its chain run meanwhile."""
    server = EmbeddedPostgres(folder / "town" / "postgres", settings={"fsync": "off"})
    (folder / "town").mkdir()
    server.start()
    state = AnvilOptions(state=folder / "chain.json", timestamp_s=NODE_TIME_S)
    with Anvil(state) as anvil:
        clock = folder / "clock.json"
        move_clock_to(clock, (NODE_TIME_S + 60) * 1000)
        office = Office(folder)
        program = str(example / "program.toml")
        with _cheap_keystores():
            deployed = office.run("deploy", program, "--node", anvil.url, "--clock", str(clock))
        assert deployed.exit_code == 0, deployed.output
        yield office
    server.destroy()
    shutil.rmtree(folder)


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Iterator[Office]:
    """A town and its shops for the commands of every day, in whatever order files use it."""
    with deployed(tmp_path_factory.mktemp("office"), example) as made:
        imported = made.run("merchants", "import", str(example / "merchants.csv"), "--json")
        counts = {"registered": 40, "updated": 0, "unchanged": 0}
        assert counts.items() <= json.loads(imported.stdout).items()
        yield made


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory, example: Path) -> Iterator[Office]:
    """A town that tests break and mend."""
    with deployed(tmp_path_factory.mktemp("patient"), example) as made:
        yield made


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedTown]:
    """A demo that was deployed without a node and without a database; nothing runs."""
    town = ServedTown(tmp_path_factory.mktemp("demo"))
    with _cheap_keystores():
        town.deploy()
    yield town
    EmbeddedPostgres(town.home.data_folder).destroy()


@pytest.fixture(scope="session")
def example() -> Path:
    """The first year's rules and shops."""
    return Path(__file__).parents[2] / "examples" / "bandai-2022"
