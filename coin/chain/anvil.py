"""A local chain for demos and tests: anvil as a child process, with saved state and a controlled clock.

Starts the native binary, not npm's wrapper: killing the wrapper would leave the chain alive. Pass the time again at a
restart, because anvil would use wall time and make blocks in the past.
"""

import os
import secrets
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from coin.chain.rpc import Rpc
from coin.errors import Unavailable
from coin.lifeline import end_with_parent

_PACKAGE = Path("node_modules") / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
_START_S = 120.0
_STOP_S = 60.0
_POLL_S = 0.02
_OURS = range(20_000, 32_000)  # Linux hands out 32,768 and above (ip_local_port_range)


@dataclass(frozen=True)
class AnvilOptions:
    """Options of the chain's start.

    Units:   timestamp_s: the time of its next block, None: wall time; block_time_s: None mines at once.
    """

    state: Path
    timestamp_s: int | None = None
    chain_id: int = 31_337
    gas_limit: int = 60_000_000
    block_time_s: int | None = None
    is_free: bool = True
    ends_with_parent: bool = False  # the parent must start it from its main thread
    inherits: tuple[int, ...] = ()  # descriptors to inherit, for example a lock that it holds while it lives


def find_anvil(root: Path | None = None) -> Path:
    """Return the native binary: BANDAI_ANVIL, else the one in node_modules of the source tree.

    Raises:  Unavailable, if it is missing; the message says how to install it.
    """
    given = os.environ.get("BANDAI_ANVIL")
    path = Path(given) if given else (root or Path(__file__).resolve().parents[2]) / _PACKAGE
    if not path.is_file():
        raise Unavailable(
            f"anvil がありません（{path}）。make setup を実行してください。",
            f"anvil is missing ({path}): run make setup",
        )
    return path


def free_port() -> int:
    """Return a loopback port that nobody listens on now, for a server that starts later.

    It is a random port below the ephemeral range, because any connection of any process could take a port from that range.
    """
    while not is_port_free(port := secrets.choice(_OURS)):
        pass
    return port


def is_port_free(port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a server could listen on this port of this machine now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as servers do: ignore old connections
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


class Anvil:
    """A running chain. Its state is saved every second and at a stop, and loaded at the next start."""

    def __init__(self, options: AnvilOptions, port: int | None = None, binary: Path | None = None) -> None:
        self.options = options
        self.port = port or free_port()
        self._binary = binary or find_anvil()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its JSON-RPC URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """The id of the child process; None, if it does not run."""
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        """Whether the child process lives."""
        return self._process is not None and self._process.poll() is None

    def start(self, timestamp_s: int | None = None) -> None:
        """Start it and wait until it answers; `timestamp_s` overrides the one of the options.

        Raises:  Unavailable, if it ends or does not answer in time.
        """
        self._process = subprocess.Popen(
            self._command(timestamp_s if timestamp_s is not None else self.options.timestamp_s),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=end_with_parent(signal.SIGINT) if self.options.ends_with_parent else None,
            pass_fds=self.options.inherits,
        )
        self._wait_until_up()

    def stop(self) -> None:
        """Stop it cleanly: the state is saved first."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        self._end(signal.SIGKILL)

    def __enter__(self) -> "Anvil":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _command(self, timestamp_s: int | None) -> list[str]:
        options = self.options
        command = [str(self._binary), "--host", "127.0.0.1", "--port", str(self.port), "--silent"]
        command += ["--hardfork", "prague", "--state", str(options.state), "--state-interval", "1"]
        command += ["--chain-id", str(options.chain_id), "--gas-limit", str(options.gas_limit)]
        command += ["--accounts", "1"]
        if options.is_free:
            command += ["--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-min-priority-fee"]
        if options.block_time_s is not None:
            command += ["--block-time", str(options.block_time_s)]
        if timestamp_s is not None:
            command += ["--timestamp", str(timestamp_s)]
        return command

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + _START_S
        with Rpc(self.url, timeout_s=2.0) as rpc:
            while time.monotonic() < deadline:
                if self._process is None or self._process.poll() is not None:
                    break
                try:
                    rpc.call("eth_chainId")
                except Unavailable:
                    time.sleep(_POLL_S)
                else:
                    return
        self.kill()
        raise Unavailable("anvil が起動しません。", "anvil does not start.")

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(how)
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def set_next_block_time(rpc: Rpc, second: int) -> None:
    """Set the time of the next block; the clock of a demo does this."""
    rpc.call("evm_setNextBlockTimestamp", hex(second))
