"""A worker process of a town, as the machine of a town would run it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coin.clock import move_clock_to
from tests.patience import wait_until
from tests.worlds.people import key_of
from tests.worlds.settled import EXAMPLE, SettledTown


def settings(town: SettledTown, node_url: str, database_url: str, folder: Path) -> dict[str, str]:
    """What a worker of this town is told; its clock stands where the town's does."""
    key, clock = folder / "settler.key", folder / "clock.json"
    key.touch(mode=0o600)
    key.write_text("0x" + key_of("settler").hex())
    move_clock_to(clock, town.clock.now_ms())
    return {
        **os.environ,
        "BANDAI_DATABASE_URL": database_url,
        "BANDAI_PROGRAM": str(EXAMPLE),
        "BANDAI_RPC_URL": node_url,
        "BANDAI_SETTLER_KEY_FILE": str(key),
        "BANDAI_CLOCK": str(clock),
        "BANDAI_POLL_S": "0.02",
    }


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process; killed at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", "coin.settlement.worker"], env=environment, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_until_confirmed(town: SettledTown, batches: int) -> None:
    """Wait until so many batches are confirmed and none is on its way."""
    wait_until(lambda: town.states() == ["confirmed"] * batches)
