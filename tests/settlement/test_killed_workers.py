"""A worker process that is killed at any moment, again and again, settles every operation exactly once (I-04)."""

import random
import subprocess
import time
from pathlib import Path

import pytest
from worker_process import settings, wait_until_confirmed, worker

from coin.chain.anvil import Anvil
from coin.clock import move_clock_to
from coin.reconciliation.reconcile import reconcile
from tests.patience import HANG_S
from tests.worlds.people import key_of
from tests.worlds.settled import SettledTown


@pytest.fixture
def environment(town: SettledTown, chain: Anvil, app_url: str, tmp_path: Path) -> dict[str, str]:
    """What a worker of this town is told; its clock is twenty minutes later, so that all that waits is due."""
    town.clock.advance_ms(20 * 60 * 1000)
    return settings(town, chain.url, app_url, tmp_path)


def assert_settled_once(town: SettledTown) -> None:
    """Books and chain agree, nothing is open, and no batch was sent twice."""
    found = reconcile(town.database, town.municipality, town.settler.rpc)
    assert found.differences == ()
    assert found.open_items == ()


def kill_often(town: SettledTown, environment: dict[str, str], rounds: int, seed: int) -> int:
    """Make batches by time while workers are killed at random moments; returns how many batches there must be."""
    moments = random.Random(seed)
    clock = Path(environment["BANDAI_CLOCK"])
    for _ in range(rounds):
        town.pay("aoi", "bakery", 10)
        town.pay("riku", "diner", 20)
        town.clock.advance_ms(20 * 60 * 1000)
        move_clock_to(clock, town.clock.now_ms())
        with worker(environment) as process:
            _wait_for_start(process)
            time.sleep(moments.uniform(0.0, 0.25))
    return rounds + 1


def _wait_for_start(process: subprocess.Popen[bytes]) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if b"settling" in line:
            return
    raise AssertionError("the worker ended before it began")


def test_a_worker_that_was_killed_settles_everything_exactly_once_when_it_is_back(
    town: SettledTown, environment: dict[str, str]
) -> None:
    expected = kill_often(town, environment, rounds=1, seed=7)

    with worker(environment):
        wait_until_confirmed(town, expected)

    assert_settled_once(town)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_workers_killed_many_times_settle_everything_exactly_once(
    town: SettledTown, environment: dict[str, str], seed: int
) -> None:
    expected = kill_often(town, environment, rounds=15, seed=seed)

    with worker(environment):
        wait_until_confirmed(town, expected)

    assert_settled_once(town)


def test_a_worker_that_is_asked_to_end_finishes_its_round_and_exits_cleanly(
    town: SettledTown, environment: dict[str, str]
) -> None:
    with worker(environment) as process:
        _wait_for_start(process)
        wait_until_confirmed(town, 1)

        process.terminate()
        _, said = process.communicate(timeout=HANG_S)

    assert process.returncode == 0
    assert key_of("settler").hex() not in said.decode()


def test_a_worker_with_another_key_does_not_begin(
    town: SettledTown, environment: dict[str, str], tmp_path: Path
) -> None:
    other = tmp_path / "other.key"
    other.touch(mode=0o600)
    other.write_text("0x" + key_of("aoi").hex())

    with worker({**environment, "BANDAI_SETTLER_KEY_FILE": str(other)}) as process:
        _, said = process.communicate(timeout=HANG_S)

    assert process.returncode == 1
    assert "setting_invalid" in said.decode()
