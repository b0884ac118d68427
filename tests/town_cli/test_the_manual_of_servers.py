"""docs/operations.md, typed as it stands: a PostgreSQL over TCP with passwords, a plain node, units, a proxy, a backup that comes back."""

import configparser
import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import psycopg
import pytest
from manuals import blocks, moved

from coin.chain.anvil import Anvil, AnvilOptions, free_port
from coin.chain.rpc import Rpc
from coin.database.embedded import EmbeddedPostgres, _binaries
from tests.patience import HANG_S, wait_until
from tests.private_files import write_secret

MANUAL = "operations.md"
SHELL = blocks(MANUAL, "sh")
PASSWORDS = {
    "bandai_074071": "database",
    "bandai_owner": "database-owner",
    "bandai_auditor": "database-auditor",
}


def test_the_unit_names_options_that_exist_and_no_owner() -> None:
    unit = blocks(MANUAL, "ini")["bandai.service"]
    exec_start = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)

    assert exec_start
    program, command, *options = shlex.split(exec_start[1])
    assert program.endswith("/bandai-town")
    shown = subprocess.run(
        [sys.executable, "-c", "from town_cli.main import main; main()", command, "--help"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert [option for option in options if option.startswith("--") and option not in shown] == []
    assert "BANDAI_DATABASE_OWNER" not in unit


def test_the_units_processes_see_of_all_keys_the_settlers_only() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
    unit.read_string(blocks(MANUAL, "ini")["bandai.service"])
    service = unit["Service"]

    assert service["TemporaryFileSystem"] == "/srv/bandai/town/keys:ro"
    assert service["BindReadOnlyPaths"] == "/srv/bandai/town/keys/settler.json"
    assert "/srv/bandai/secrets/database-owner" in service["InaccessiblePaths"].split()


@dataclass
class Machine:
    """A bare machine on which the manual is typed."""

    folder: Path
    server: EmbeddedPostgres
    node: Anvil
    postgres_port: int
    port: int

    def text(self, block: str) -> str:
        """A block with the places of this machine."""
        return moved(
            block,
            {
                "/opt/bandai/.venv/bin": str(Path(sys.executable).parent),
                "/srv/bandai": str(self.folder),
                "127.0.0.1:5432": f"127.0.0.1:{self.postgres_port}",
                "http://127.0.0.1:8545": self.node.url,
                "127.0.0.1:8080": f"127.0.0.1:{self.port}",
                "--port 8080": f"--port {self.port}",
            },
        )

    @property
    def environment(self) -> dict[str, str]:
        """What a fresh login has set."""
        path = f"{_binaries()}:{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}

    def type(self, label: str, *, settings: bool = True) -> str:
        """Type a block of the manual, after its settings; gives what was shown."""
        script = (SHELL["settings"] if settings else "") + SHELL[label]
        return self._run(["/bin/bash", "-euc", self.text(script)])

    def run(self, line: str) -> str:
        """Type one more line after the manual's settings."""
        return self._run(["/bin/bash", "-euc", self.text(SHELL["settings"]) + line])

    def _run(self, words: list[str]) -> str:
        done = subprocess.run(
            words, env=self.environment, capture_output=True, text=True, check=False, timeout=HANG_S
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def secret(self, name: str) -> str:
        """A password of this machine."""
        return (self.folder / "secrets" / name).read_text("ascii").strip()

    def administer(self) -> None:
        """Type the administrator's SQL, with what `\\password` would ask for, and let the logins in by TCP."""
        with psycopg.connect(self.server.url(), autocommit=True) as superuser:
            for line in blocks(MANUAL, "sql")["administrator"].splitlines():
                asked = re.fullmatch(r"\\password (\w+)", line)
                if asked:
                    password = self.secret(PASSWORDS[asked[1]])
                    line = f"ALTER ROLE {asked[1]} PASSWORD '{password}'"
                superuser.execute(line.encode())
        self.let_in()

    def let_in(self) -> None:
        """Let the logins in by TCP, in the lines of the manual."""
        hba = self.server.home / "data" / "pg_hba.conf"
        hba.write_text(blocks(MANUAL, "conf")["pg_hba"] + hba.read_text("utf-8"), "utf-8")
        with psycopg.connect(self.server.url(), autocommit=True) as superuser:
            superuser.execute("SELECT pg_reload_conf()")

    @contextmanager
    def serving(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Run the unit as systemd does, until it answers."""
        unit = configparser.ConfigParser(strict=False, interpolation=None, delimiters="=")
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        text = self.text(blocks(MANUAL, "ini")["bandai.service"])
        unit.read_string(text)
        environment = dict(re.findall(r"^Environment=(\w+)=(.*)$", text, re.MULTILINE))
        with (self.folder / "journal").open("wb") as journal:
            process = subprocess.Popen(
                shlex.split(unit["Service"]["ExecStart"]),
                env={**self.environment, **environment},
                cwd="/",
                stdout=journal,
                stderr=journal,
            )
        try:
            wait_until(lambda: self.answers() or process.poll() is not None)
            assert process.poll() is None, (self.folder / "journal").read_text("utf-8")
            yield process
        finally:
            process.terminate()
            process.wait(HANG_S)

    def answers(self) -> bool:
        """Whether the API answers."""
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self.port}/v1/health", timeout=HANG_S).status_code == 200
        return False

    def finalize(self, line: str) -> None:
        """Type a line while the chain goes on making blocks, so that it finalizes."""
        typed = threading.Thread(target=self.run, args=[line])
        typed.start()
        with Rpc(self.node.url) as rpc:
            while typed.is_alive():
                rpc.call("anvil_mine", hex(64))
                typed.join(0.2)


@contextmanager
def proxied(port: int) -> Iterator[str]:
    """A small reverse proxy, which names the caller as the manual's does."""

    class Proxy(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer = httpx.get(
                f"http://127.0.0.1:{port}{self.path}",
                headers={"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"},
                timeout=HANG_S,
            )
            self.send_response(answer.status_code)
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A machine with a database server and a node of its own, and nothing of the town."""
    port = free_port()
    settings = {"listen_addresses": "127.0.0.1", "port": str(port), "fsync": "off"}
    server = EmbeddedPostgres(tmp_path / "theirs", settings=settings)
    server.start()
    folder = tmp_path / "srv"
    folder.mkdir()
    with Anvil(AnvilOptions(state=tmp_path / "chain.json")) as node:
        yield Machine(folder, server, node, port, free_port())
    server.destroy()


def texts_of_everybody(process_id: int) -> str:
    """What the machine's other users can read of a process and its children: their command lines."""
    ids = [process_id, *map(int, Path(f"/proc/{process_id}/task/{process_id}/children").read_text().split())]
    return " ".join(Path(f"/proc/{one}/cmdline").read_text().replace("\0", " ") for one in ids)


@pytest.mark.slow
def test_a_town_opens_runs_is_watched_backed_up_and_restored_by_the_manual(machine: Machine) -> None:
    machine.type("passwords", settings=False)
    machine.administer()
    machine.type("passphrase", settings=False)
    machine.type("open")
    write_secret(machine.folder / "own", "only the holder knows")
    machine.run(f"export BANDAI_NEW_PASSPHRASE_FILE={machine.folder / 'own'}\n{SHELL['own']}")

    with machine.serving() as process, proxied(machine.port) as outside:
        machine.type("watch")
        shown = texts_of_everybody(process.pid)
        assert httpx.get(f"{outside}/v1/municipality", timeout=HANG_S).json()["municipality"] == "074071"
        machine.server.stop()
        machine.server.start()
        machine.let_in()
        assert [httpx.get(f"{outside}/v1/health", timeout=HANG_S).status_code for _ in range(12)] == [
            200
        ] * 12

    machine.finalize("bandai-town settle --now")
    machine.type("backup")
    machine.type("drill")
    machine.type("upgrade")

    town = machine.folder / "town"
    kept = [town / "town.json", machine.folder / "journal", *(town / "logs").iterdir()]
    secrets = [machine.secret(name) for name in (*PASSWORDS.values(), "passphrase")]
    assert [word for word in secrets if word in shown] == []
    assert [file.name for file in kept for word in secrets if word in file.read_text("utf-8")] == []
