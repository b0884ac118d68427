"""The main job ends with nothing lost and says so, and leaves nothing running however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from coin.database.embedded import EmbeddedPostgres
from coin.errors import Conflict
from demo.figures import FEWEST_PAYMENTS, Figures
from tests.patience import HANG_S
from town_cli.server.lock import lock_to_serve

GOOD = Figures(1_002, 20, 1_002, 7, 11_852, 0, 44.4)
PROMISED = (
    "accepted", "refused", "settled", "batches", "gas_per_payment", "reconciliation_differences", "seconds",
)  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"accepted": FEWEST_PAYMENTS - 1, "settled": FEWEST_PAYMENTS - 1},
        {"settled": 1_001},
        {"reconciliation_differences": 1},
    ],
)
def test_too_few_payments_one_that_is_not_settled_or_one_difference_is_no_success(
    change: dict[str, int],
) -> None:
    assert GOOD.is_good
    assert not replace(GOOD, **change).is_good


@pytest.fixture
def place(tmp_path: Path, root: Path) -> Iterator[Path]:
    """A folder from which the demo can be started, beside the one of the developer."""
    (tmp_path / "examples").symlink_to(root / "examples")
    yield tmp_path
    EmbeddedPostgres(tmp_path / "var" / "demo" / "postgres").destroy()  # as the next demo would


def start(place: Path, root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "demo"],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_the_demo_ends_with_one_line_of_figures_and_nothing_lost(place: Path, root: Path) -> None:
    demo = start(place, root)

    said, errors = demo.communicate(timeout=HANG_S)

    assert demo.returncode == 0, said + errors
    figures = json.loads(said.splitlines()[-1])
    assert tuple(figures) == PROMISED
    assert figures["settled"] == figures["accepted"] >= FEWEST_PAYMENTS
    assert figures["reconciliation_differences"] == 0


@pytest.mark.slow
def test_a_demo_that_is_killed_takes_its_processes_along_and_a_second_one_waits_its_turn(
    place: Path, root: Path
) -> None:
    demo = start(place, root)
    ready = place / "var" / "demo" / "gateway.port"
    while not (ready.exists() and ready.read_text()):
        assert demo.poll() is None, demo.communicate()
        time.sleep(0.1)
    with pytest.raises(Conflict), lock_to_serve(ready.parent):
        pass

    demo.send_signal(signal.SIGKILL)
    demo.communicate()

    with lock_to_serve(ready.parent):  # its children held the lock too: they are gone
        assert (ready.parent / "chain.json").exists()
