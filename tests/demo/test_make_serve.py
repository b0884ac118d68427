"""`make serve` leaves a town running whose three commands work as they are printed, and that is there again tomorrow."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from coin.chain.anvil import free_port
from coin.database.embedded import EmbeddedPostgres
from demo.standing import Standing
from tests.patience import HANG_S

pytestmark = pytest.mark.slow


class Terminals:
    """One terminal in which the demo runs, and a second one in another folder."""

    def __init__(self, folder: Path, elsewhere: Path) -> None:
        self.folder = folder
        self.elsewhere = elsewhere
        self.port = free_port()
        self.said = ""

    def line(self, *words: str) -> list[str]:
        """What is typed to start it."""
        line = [sys.executable, "-m", "demo.serve", "--folder", str(self.folder / "serve")]
        return [*line, "--example", str(self.folder / "today"), *words]

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start it, and read what it says until it is ready."""
        process = subprocess.Popen(
            self.line(*words),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
        )
        self.said = ""
        while "reconcile" not in self.said:
            read = process.stdout.readline()
            assert read, process.stderr.read()
            self.said += read
        return process

    def prepare(self, said: str) -> subprocess.Popen[str]:
        """Start it in a session of its own, and read until it has said that."""
        process = subprocess.Popen(
            self.line("--port", str(self.port)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
        while said and said not in process.stderr.readline():
            assert process.poll() is None
        return process

    def commands(self) -> list[str]:
        """The commands that it prints, in their order."""
        return re.findall(r"^(/\S+/bin/bandai-\S+ .*)$", self.said, re.MULTILINE)

    def paste(self, command: str) -> subprocess.CompletedProcess[str]:
        """Paste one line into the second terminal."""
        return subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.elsewhere,
            capture_output=True,
            text=True,
            check=False,
            timeout=HANG_S,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        )

    def ask(self, command: str) -> dict[str, object]:
        """Type a command of the demo with --json."""
        done = self.paste(f"{self.folder}/serve/bin/{command} --json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def end(process: subprocess.Popen[str], how: signal.Signals = signal.SIGTERM) -> int:
    process.send_signal(how)
    process.communicate(timeout=HANG_S)
    return process.returncode


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    (tmp_path / "elsewhere").mkdir()
    yield Terminals(tmp_path, tmp_path / "elsewhere")
    (tmp_path / "serve").mkdir(exist_ok=True)
    Standing(tmp_path / "serve", tmp_path / "today").destroy()


def test_the_commands_work_as_printed_and_books_and_chain_outlive_a_stop_and_a_kill(
    terminals: Terminals,
) -> None:
    first = terminals.start("--port", str(terminals.port))
    done = [terminals.paste(command) for command in terminals.commands()]

    assert [result.returncode for result in done] == [0] * 6, [result.stderr for result in done]
    assert end(first) == 0
    assert re.search(r" 5,000 .* 500 ", done[0].stdout, re.DOTALL)
    assert "1,250" in done[2].stdout

    second = terminals.start()
    after_a_stop = terminals.ask("bandai-wallet balance")
    more = terminals.paste(terminals.commands()[0] + " --again")
    end(second, signal.SIGKILL)
    third = terminals.start()
    after_a_kill = terminals.ask("bandai-wallet balance")
    terminals.ask("bandai-town settle --now")
    reconciled = terminals.ask("bandai-town reconcile")
    end(third)

    assert after_a_stop["balance"] == 5_500 - 1_250
    assert more.returncode == 0
    assert after_a_kill["balance"] == 2 * 5_500 - 1_250
    assert reconciled["differences"] == reconciled["open_items"] == []
    assert reconciled["settled_sequence"] > 40


def test_the_page_it_prints_is_there_and_its_secrets_are_for_their_owner_only(terminals: Terminals) -> None:
    process = terminals.start("--port", str(terminals.port))
    page = re.search(r"http://\S+/v1/docs", terminals.said).group()
    with urllib.request.urlopen(page) as answer:  # noqa: S310  (an address of this machine)
        status = answer.status
    folder = terminals.folder / "serve"
    secret = [folder / "passphrase", folder / "resident.password", *(folder / "town" / "keys").iterdir()]
    secret += [*(folder / "resident").rglob("*.json"), *(folder / "till").rglob("*.json")]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) & 0o077 for path in [folder, *secret]}
    passphrase = (folder / "passphrase").read_text()
    end(process)

    assert status == 200
    assert modes == dict.fromkeys(modes, 0)
    assert passphrase not in terminals.said
    assert (folder / "resident.password").read_text() not in terminals.said


def test_a_start_that_was_interrupted_is_made_again(terminals: Terminals) -> None:
    process = terminals.start("--port", str(terminals.port))
    end(process, signal.SIGKILL)
    (terminals.folder / "serve" / "town.ready").unlink()

    again = terminals.start("--port", str(terminals.port))
    first = terminals.paste(terminals.commands()[0])
    end(again)

    assert first.returncode == 0


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("", (130, -signal.SIGINT)),  # Python may not have begun
        ("鍵を作って", (130,)),
        ("台帳とコントラクト", (130,)),
        ("API とワーカー", (0,)),
        ("住民のウォレット", (0,)),
    ],
)
def test_ctrl_c_while_it_is_prepared_ends_everything_without_a_traceback(
    terminals: Terminals, said: str, numbers: tuple[int, ...]
) -> None:
    process = terminals.prepare(said)
    if not said:
        time.sleep(0.6)

    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all that stand in it
    _, errors = process.communicate(timeout=HANG_S)

    assert process.returncode in numbers, errors
    assert "Traceback" not in errors
    assert not EmbeddedPostgres(terminals.folder / "serve" / "town" / "postgres").is_running()
    assert [name for name in running() if str(terminals.folder) in name] == []


def test_ctrl_c_that_takes_a_command_with_it_ends_the_demo_as_cleanly(terminals: Terminals) -> None:
    """A command that is just being started is not in its own session yet."""
    process = terminals.prepare("住民のウォレット")
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    born = []
    while not born:
        assert process.poll() is None
        with suppress(OSError):  # another of its children ended meanwhile
            found = [
                (int(pid), Path(f"/proc/{pid}/cmdline").read_text()) for pid in children.read_text().split()
            ]
            born = [pid for pid, typed in found if "bandai-wallet" in typed]

    process.send_signal(signal.SIGINT)
    os.kill(born[0], signal.SIGKILL)
    _, errors = process.communicate(timeout=HANG_S)

    assert process.returncode == 0, errors
    assert "[error]" not in errors


def running() -> list[str]:
    """What runs on this machine, each as it was typed."""
    typed = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            typed.append(file.read_text("utf-8", "replace").replace("\0", " "))
    return typed


@pytest.mark.parametrize("what", ["busy", "kept"])
def test_a_port_that_cannot_be_had_is_one_sentence(terminals: Terminals, what: str) -> None:
    if what == "kept":
        end(terminals.start("--port", str(terminals.port)))
    wanted = free_port()
    with socket.create_server(("127.0.0.1", wanted)):
        done = subprocess.run(
            terminals.line("--port", str(wanted)), capture_output=True, text=True, check=False, timeout=HANG_S
        )

    assert done.returncode == 8
    assert f"[port_{what}]" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_folder_with_anything_else_in_it_is_left_as_it_is(terminals: Terminals) -> None:
    folder = terminals.folder / "serve"
    folder.mkdir()
    (folder / "photographs").mkdir()

    done = subprocess.run(
        terminals.line("--anew"), capture_output=True, text=True, check=False, timeout=HANG_S
    )

    assert done.returncode == 8
    assert "[folder_in_use]" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["photographs"]
