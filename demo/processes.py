"""Child processes of the demo: started with their own environment, killed like a power cut, started again."""

import os
import subprocess
import sys
import time
from pathlib import Path

from coin.errors import Unavailable

_START_TIMEOUT_S = 30.0


class Child:
    """One Python module of the product with its arguments, running as a process of its own; its output goes to a log file."""

    def __init__(self, name: str, module: list[str], environment: dict[str, str], log_folder: Path) -> None:
        self._name = name
        self._module = module
        self._environment = environment
        self._log = log_folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns at once."""
        environment = {**os.environ, **self._environment, "PYTHONUNBUFFERED": "1"}
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *self._module],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def kill(self) -> None:
        """End it without warning (SIGKILL): what a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=30)

    def check(self) -> None:
        """Raises:  Unavailable, if it has ended by itself; its log says why."""
        if self._process is not None and self._process.poll() is not None:
            raise Unavailable(
                f"{self._name} が止まりました({self._log})。", f"{self._name} has ended; see {self._log}."
            )


def wait_for_file(path: Path, child: Child) -> str:
    """The content of a file that `child` writes when it is ready.

    Raises:  Unavailable, if the child ends or takes longer than half a minute.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not (path.exists() and path.read_text(encoding="ascii").strip()):
        child.check()
        if time.monotonic() > deadline:
            raise Unavailable("時間内に起動しませんでした。", f"{path.name} was not written in time.")
        time.sleep(0.02)
    return path.read_text(encoding="ascii").strip()
