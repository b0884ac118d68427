"""A server's log is turned over when it is full, is its owner's only, and says how a process failed."""

import os
import subprocess
import sys
from pathlib import Path

from coin.logs import FILE, KEPT
from tests.patience import HANG_S

TALKS_AND_FAILS = """
import logging, os
from coin import logs
os.umask(0)
logs.MAX_BYTES = 2_000
logs.start_log()
for number in range(1_000):
    logging.getLogger("talk").info("line %d", number)
{1: 2}[3]
"""


def test_a_log_is_turned_over_by_size_and_ends_with_what_went_wrong(tmp_path: Path) -> None:
    log = tmp_path / "gateway.log"

    done = subprocess.run(
        [sys.executable, "-c", TALKS_AND_FAILS],
        env={**os.environ, FILE: str(log)},
        capture_output=True,
        timeout=HANG_S,
        check=False,
    )

    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["gateway.log", *(f"gateway.log.{i}" for i in range(1, KEPT + 1))]
    assert all(file.stat().st_size < 4_000 for file in files)
    assert {file.stat().st_mode & 0o077 for file in files} == {0}
    assert "KeyError: 3" in "".join(file.read_text("utf-8") for file in files)
    assert (done.returncode, done.stderr) == (1, b"")
