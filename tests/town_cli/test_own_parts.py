"""A demo needs no preparation: its commands start the bundled database and chain, one command at a time, and stop them again."""

import fcntl
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest
from office import Office
from served import ServedTown

from coin.chain.rpc import Rpc
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import is_newest, migrate
from coin.errors import Conflict, Unavailable
from tests.patience import HANG_S
from town_cli.server.deployment import local_chain
from town_cli.server.lock import LOCK, HeldLock, is_served, lock_for_command, lock_to_serve


def test_commands_run_without_any_server_and_leave_none_running(demo: ServedTown) -> None:
    settled = demo.run("settle", "--now")
    reconciled = demo.run("reconcile", "--json")

    assert settled.exit_code == 0
    assert json.loads(reconciled.stdout)["differences"] == []
    assert not EmbeddedPostgres(demo.home.data_folder).is_running()
    with Rpc(demo.home.places().node_url) as rpc, pytest.raises(Unavailable):
        rpc.call("eth_chainId")


@pytest.mark.slow
def test_two_commands_at_the_same_moment_both_do_their_work(demo: ServedTown) -> None:
    lines = [demo.command("report", "--json"), demo.command("reconcile", "--json")]

    both = [
        subprocess.Popen(
            line, env=demo.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for line in lines
    ]
    answers = [process.communicate(timeout=HANG_S) for process in both]

    assert "trial_balance" in json.loads(answers[0][0])
    assert json.loads(answers[1][0])["differences"] == []


def test_the_chain_of_its_own_is_refused_to_a_town_that_is_no_demo(tmp_path: Path) -> None:
    office = Office(tmp_path)
    rules = tmp_path / "program.toml"
    assert office.run("init", str(rules)).exit_code == 0
    rules.write_text(rules.read_text("utf-8").replace("0242-00-0000", "0242-74-1221"), "utf-8")

    refused = office.run("deploy", str(rules))

    assert refused.exit_code == 5
    assert "[own_chain_refused]" in refused.stderr
    assert not office.home.folder.exists()


ELSEWHERE = ("--database", "postgresql://a@127.0.0.1:1/x", "--database-owner", "postgresql://b@127.0.0.1:1/x")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--database", "postgresql://a:open-sesame@127.0.0.1:1/x"), "password_in_url"),
        ((*ELSEWHERE, "--database-owner", "postgresql://b:open-sesame@h/x"), "password_in_url"),
        (("--database", "postgresql://a:open/sesame@127.0.0.1:1/x"), "database_url_invalid"),
        (ELSEWHERE[:2], "database_owner_missing"),
    ],
)
def test_urls_are_refused_that_hold_a_password_or_name_no_owner_before_any_key_is_made(
    tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    office = Office(tmp_path)
    rules = str(tmp_path / "program.toml")
    assert office.run("init", rules, "--demo").exit_code == 0

    refused = office.run("deploy", rules, *words)

    assert refused.exit_code == 3
    assert f"[{code}]" in refused.stderr
    assert "sesame" not in refused.output
    assert not office.home.folder.exists()


@pytest.mark.slow
def test_a_deployment_that_fails_leaves_no_key_and_can_be_tried_again(tmp_path: Path) -> None:
    office = Office(tmp_path)
    rules = str(tmp_path / "program.toml")
    assert office.run("init", rules, "--demo").exit_code == 0

    failed = office.run("deploy", rules, *ELSEWHERE)
    again = office.run("deploy", rules, "--node", "http://127.0.0.1:1")

    assert failed.exit_code == 7
    assert "[database_unavailable]" in failed.stderr
    assert again.exit_code == 7
    assert not (office.home.folder / "town.json").exists()
    assert not office.home.keyring.folder.exists()
    EmbeddedPostgres(office.home.data_folder).destroy()


def test_keys_that_are_there_are_never_written_over(tmp_path: Path) -> None:
    office = Office(tmp_path)
    office.home.keyring.folder.mkdir(parents=True)
    (office.home.keyring.folder / "settler.json").write_text("a key of somebody", encoding="utf-8")
    rules = str(tmp_path / "program.toml")
    assert office.run("init", rules, "--demo").exit_code == 0

    refused = office.run("deploy", rules)

    assert refused.exit_code == 8
    assert "[keys_exist]" in refused.stderr
    assert (office.home.keyring.folder / "settler.json").read_text(encoding="utf-8") == "a key of somebody"


def test_books_of_an_earlier_release_are_brought_to_the_newest_schema_once(tmp_path: Path) -> None:
    office = Office(tmp_path)
    rules = tmp_path / "program.toml"
    assert office.run("init", str(rules), "--demo").exit_code == 0
    office.home.create(rules.read_bytes(), local_chain())
    parts = office.home.parts(office.home.program())
    with parts.for_a_command():
        migrate(parts.owner_url, "0001")

    first = office.run("migrate", "--json")
    second = office.run("migrate", "--json")

    assert json.loads(first.stdout) == {"migrated": True, "pinned": False}
    assert json.loads(second.stdout) == {"migrated": False, "pinned": False}
    with parts.for_a_command():
        assert is_newest(parts.owner_url)
    EmbeddedPostgres(office.home.data_folder).destroy()


@pytest.mark.parametrize(
    "words", [("report",), ("migrate",), ("serve",), ("doctor",), ("settle",), ("credentials", "list")]
)
def test_a_folder_without_a_town_is_named_by_every_command(tmp_path: Path, words: tuple[str, ...]) -> None:
    result = Office(tmp_path).run(*words)

    assert result.exit_code == 6
    assert "[town_missing]" in result.stderr


def test_a_damaged_town_file_is_named(demo: ServedTown) -> None:
    file = demo.home.folder / "town.json"
    before = file.read_bytes()
    file.write_bytes(b"{")

    result = demo.run("report")
    file.write_bytes(before)

    assert result.exit_code == 3
    assert "[town_file_invalid]" in result.stderr


def test_while_somebody_serves_a_command_gets_no_lock_and_a_second_serve_is_refused(tmp_path: Path) -> None:
    with lock_to_serve(tmp_path) as serving:
        serving.announce_serving()

        with lock_for_command(tmp_path) as held:
            assert held is None
        with pytest.raises(Conflict) as refusal, lock_to_serve(tmp_path):
            pass

    assert refusal.value.code == "already_serving"
    with lock_for_command(tmp_path) as held:
        assert held is not None


def test_a_command_waits_for_the_last_children_of_a_serve_that_was_killed(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    child = os.open(tmp_path / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(child, fcntl.LOCK_EX)
    os.write(child, f"serve {ended.pid}\n".encode())

    with ThreadPoolExecutor(1) as hands:
        entered = hands.submit(_held_lock, tmp_path)
        assert wait([entered], timeout=0.5).not_done
        os.close(child)

    assert entered.result() is not None


def _held_lock(folder: Path) -> HeldLock | None:
    with lock_for_command(folder) as held:
        return held


def test_what_a_power_cut_left_behind_serves_nobody(tmp_path: Path) -> None:
    (tmp_path / LOCK).write_text(
        f"serve {os.getpid()}", encoding="ascii"
    )  # the number belongs to somebody else now

    assert not is_served(tmp_path)
