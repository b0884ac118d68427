"""Child processes of a town: started with their own environment, stopped in an orderly way or killed like a power cut."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coin.errors import Unavailable
from coin.lifeline import end_with_parent

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0
_NOT_THEIRS = ("BANDAI_PASSPHRASE_FILE",)  # it opens the keys of offices that no child holds


@dataclass(frozen=True)
class Program:
    """One Python module of the product with its arguments and environment; its output goes to `<name>.log`.

    `secret` is handed over in a pipe whose descriptor stands in the variable `secret_variable`.
    """

    name: str
    module: tuple[str, ...]
    environment: Mapping[str, str]
    log_folder: Path
    secret: bytes | None = field(default=None, repr=False)
    secret_variable: str = ""

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.log_folder / f"{self.name}.log"


class Child:
    """A program running as a process of its own.

    With `lock` it ends when its parent does, however that ends, and holds that descriptor until then; it must be
    started from the main thread.
    """

    def __init__(self, program: Program, *, lock: int | None = None) -> None:
        self._program = program
        self._lock = lock
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def name(self) -> str:
        """The program's name."""
        return self._program.name

    def start(self) -> None:
        """Start it; returns at once."""
        program, environment = self._program, self._environment()
        inherited = [] if self._lock is None else [self._lock]
        if program.secret is not None:
            reader = _pipe_with(program.secret)
            environment[program.secret_variable] = str(reader)
            inherited.append(reader)
        with open(program.log, "ab", opener=_private) as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", *program.module],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=inherited,
                start_new_session=True,
                preexec_fn=None if self._lock is None else end_with_parent(signal.SIGTERM),
            )
        if program.secret is not None:
            os.close(reader)

    def kill(self) -> None:
        """End it without warning (SIGKILL): what a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait; one that does not end in half a minute is killed."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def check(self) -> None:
        """Raises:  Unavailable (`process_ended`), if it has ended by itself; its log says why."""
        if self._process is not None and self._process.poll() is not None:
            raise Unavailable(
                f"{self.name} が止まりました(終了コード {self._process.returncode}、記録: {self._program.log})。",
                f"{self.name} has ended with {self._process.returncode}; see {self._program.log}.",
                code="process_ended",
            )

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
        return {**own, **self._program.environment, "PYTHONUNBUFFERED": "1"}


def gateway(
    environment: Mapping[str, str], *, host: str, port: int, receipt_key: Path, ready: Path, logs: Path
) -> Program:
    """Return the API; it writes its port into `ready` when it listens.

    Shapes:  `environment` says where database, rules and clock are, as api/settings.py reads them.
    """
    own = {"BANDAI_RECEIPT_KEY_FILE": str(receipt_key), "BANDAI_PORT_FILE": str(ready)}
    return Program("gateway", ("api", host, str(port)), {**environment, **own}, logs)


def worker(environment: Mapping[str, str], *, rpc_url: str, key: bytes, logs: Path) -> Program:
    """Return the settling process, which gets the settler's key in a pipe and from no disk."""
    own = {"BANDAI_RPC_URL": rpc_url}
    secret, variable = b"0x" + key.hex().encode(), "BANDAI_SETTLER_KEY_FD"
    return Program("worker", ("coin.settlement.worker",), {**environment, **own}, logs, secret, variable)


def wait_for_file(path: Path, check: Callable[[], None]) -> str:
    """Return the content of a file that a child writes when it is ready; `check` raises, if there is no use in waiting.

    Raises:  Unavailable, if that takes longer than half a minute; whatever `check` does.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not (path.exists() and path.read_text(encoding="ascii").strip()):
        check()
        if time.monotonic() > deadline:
            raise Unavailable("時間内に起動しませんでした。", f"{path.name} was not written in time.")
        time.sleep(0.02)
    return path.read_text(encoding="ascii").strip()


def _pipe_with(secret: bytes) -> int:
    """Return the reading end of a pipe that holds a secret; a pipe takes far more than a key before anybody reads."""
    reader, writer = os.pipe()
    os.write(writer, secret)
    os.close(writer)
    return reader


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
