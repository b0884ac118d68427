"""`bandai-town serve` as a separate process, for a demo town with bundled database and chain."""

import json
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from office import PASSPHRASE, Office

from coin.chain.anvil import free_port
from tests.patience import HANG_S


@dataclass(frozen=True)
class ServedTown(Office):
    """A folder, and the commands as processes of their own, as somebody types them in two terminals."""

    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """Where its gateway listens."""
        return f"http://127.0.0.1:{self.port}"

    def type(self, *words: str, passphrase: str = PASSPHRASE) -> subprocess.CompletedProcess[str]:
        """Type one command in a terminal of its own, and wait for it."""
        return subprocess.run(
            self.command(*words),
            env=self.environment(passphrase),
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG_S,
        )

    def deploy(self, *words: str) -> None:
        """Open it, with the rules of this fiscal year."""
        rules = str(self.folder / "program.toml")
        assert self.run("init", rules, "--demo").exit_code == 0
        deployed = self.run("deploy", rules, *words)
        assert deployed.exit_code == 0, deployed.stderr

    def start(self) -> subprocess.Popen[str]:
        """Type `serve` and wait until it says that it serves."""
        process = subprocess.Popen(
            self.command("serve", "--port", str(self.port), "--json"),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        said = process.stdout.readline()
        assert said, process.stderr.read()
        assert json.loads(said)["url"] == self.url
        return process

    @contextmanager
    def serving(self):
        """Serve meanwhile."""
        process = self.start()
        try:
            yield process
        finally:
            self.end(process)

    def end(self, process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> int:
        """Stop it, and give its exit number."""
        if process.poll() is None:
            process.send_signal(how)
        process.communicate(timeout=HANG_S)
        return process.returncode

    def answers(self) -> bool:
        """Whether the gateway answers."""
        try:
            return httpx.get(f"{self.url}/v1/health", timeout=HANG_S).status_code == 200
        except httpx.TransportError:
            return False


def children_of(process_id: int) -> dict[str, int]:
    """The direct children by what they run: gateway, worker, chain."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            words = (folder / "cmdline").read_text().split("\0")
        except OSError:
            continue
        if parent == process_id:
            found[_name_of(words)] = int(folder.name)
    return found


def _name_of(words: list[str]) -> str:
    known = {"api": "gateway", "coin.settlement.worker": "worker"}
    named = next((known[word] for word in words if word in known), None)
    return named or ("chain" if words[0].endswith("anvil") else "database")
