"""Child processes of a town: started with their own environment, and stopped cleanly or killed as by a power cut."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from coin.database.place import OWNER
from coin.errors import Unavailable
from coin.lifeline import end_with_parent
from coin.logs import FILE

_START_TIMEOUT_S = 120.0
_STOP_TIMEOUT_S = 60.0
# They open keys, or own the books: no child may have them.
_NOT_THEIRS = (
    *(f"BANDAI_{which}PASSPHRASE_FILE" for which in ("", "SECOND_", "NEW_")),
    OWNER.file,
    OWNER.variable,
)


@dataclass(frozen=True)
class Program:
    """A Python module of the product to run, with its arguments and environment; its log and output go to
    `<name>.log`, which the process turns over (coin/logs.py).

    `secret` is passed through a pipe whose descriptor is in the variable `secret_variable`.
    """

    name: str
    module: tuple[str, ...]
    environment: Mapping[str, str]
    log_folder: Path
    secret: bytes | None = field(default=None, repr=False)
    secret_variable: str = ""

    @property
    def log(self) -> Path:
        """The path of its log."""
        return self.log_folder / f"{self.name}.log"


class Child:
    """A running child process.

    With `lock` it inherits that descriptor and ends when its parent ends, for whatever reason; start it from the main
    thread.
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
        """Start it and return at once."""
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
        """Kill it without warning (SIGKILL), as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end (SIGTERM) and wait; kill it after a minute."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(timeout=_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def check(self) -> None:
        """Check that it is alive. Raises: Unavailable (`process_ended`); its log says why."""
        if self._process is not None and self._process.poll() is not None:
            raise Unavailable(
                f"{self.name} が止まりました（終了コード {self._process.returncode}、記録: {self._program.log}）。",
                f"{self.name} has ended with {self._process.returncode}; see {self._program.log}.",
                code="process_ended",
            )

    def _environment(self) -> dict[str, str]:
        own = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
        return {**own, **self._program.environment, FILE: str(self._program.log), "PYTHONUNBUFFERED": "1"}


def gateway(
    environment: Mapping[str, str], *, host: str, port: int, receipt_key: Path, ready: Path, logs: Path
) -> Program:
    """Return the gateway program; it writes its port to `ready` when it listens.

    Shapes:  `environment` says where database, rules and clock are, as api/settings.py reads them.
    """
    own = {"BANDAI_RECEIPT_KEY_FILE": str(receipt_key), "BANDAI_PORT_FILE": str(ready)}
    return Program("gateway", ("api", host, str(port)), {**environment, **own}, logs)


def worker(environment: Mapping[str, str], *, rpc_url: str, key: bytes, logs: Path) -> Program:
    """Return the worker program; it gets the settler's key through a pipe, never from a disk."""
    own = {"BANDAI_RPC_URL": rpc_url}
    secret, variable = b"0x" + key.hex().encode(), "BANDAI_SETTLER_KEY_FD"
    return Program("worker", ("coin.settlement.worker",), {**environment, **own}, logs, secret, variable)


def wait_for_file(path: Path, check: Callable[[], None]) -> str:
    """Return the content of a file that a child writes when it is ready; `check` is called while waiting and raises to give
    up.

    Raises:  Unavailable, if that takes longer than two minutes; as `check`.
    """
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not (path.exists() and path.read_text(encoding="ascii").strip()):
        check()
        if time.monotonic() > deadline:
            raise Unavailable("時間内に起動しませんでした。", f"{path.name} was not written in time.")
        time.sleep(0.02)
    return path.read_text(encoding="ascii").strip()


def _pipe_with(secret: bytes) -> int:
    """Return the reading end of a pipe with the secret in it. A pipe's buffer is far larger than a key, so writing does not
    block."""
    reader, writer = os.pipe()
    os.write(writer, secret)
    os.close(writer)
    return reader


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
