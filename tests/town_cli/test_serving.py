"""`bandai-town serve` runs a town with its bundled database and chain; if one process ends, all end, and the reason is printed."""

import json
import os
import signal
import socket
from pathlib import Path

import pytest
from served import ServedTown, children_of

from bandai_client import Gateway, Key, Wallet
from tests.patience import HANG_S, wait_until


@pytest.fixture(scope="module")
def town(demo: ServedTown) -> ServedTown:
    """Deployed; every test starts and ends it."""
    return demo


def is_gone(process_id: int) -> bool:
    try:
        return (Path(f"/proc/{process_id}/stat")).read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until_gone(*process_ids: int) -> None:
    wait_until(lambda: all(map(is_gone, process_ids)))


def register(town: ServedTown) -> str:
    key = Key.create()
    with Gateway(town.url) as gateway:
        Wallet(gateway, key, device="test").register()
    return str(key)


def test_gateway_worker_chain_and_database_run_and_end_with_it(town: ServedTown) -> None:
    process = town.start()
    children = children_of(process.pid)

    number = town.end(process)

    assert set(children) == {"gateway", "worker", "chain", "database"}
    assert number == 0
    assert not town.answers()
    assert all(map(is_gone, children.values()))


@pytest.mark.slow
def test_commands_in_a_second_terminal_use_what_is_served(town: ServedTown) -> None:
    with town.serving():
        charged = town.type("charge", register(town), "5000", "--channel", "counter", "--yes", "--json")
        settled = town.type("settle", "--now")
        reconciled = town.type("reconcile", "--json")
        examined = town.type("doctor", "--json")
        is_still_there = town.answers()

    assert json.loads(charged.stdout)["points"] == 500
    assert settled.returncode == 0, settled.stderr
    assert json.loads(reconciled.stdout)["differences"] == []
    assert reconciled.returncode == 0
    assert json.loads(examined.stdout)["is_served"] is True
    assert is_still_there


@pytest.mark.slow
def test_books_and_chain_are_kept_over_a_kill_9_of_everything_that_was_started(town: ServedTown) -> None:
    process = town.start()
    charged = town.type("charge", register(town), "3000", "--channel", "counter", "--yes", "--json")
    assert town.type("settle", "--now").returncode == 0
    children = children_of(process.pid)

    town.end(process, signal.SIGKILL)
    with town.serving():
        reconciled = json.loads(town.type("reconcile", "--json").stdout)

    assert children.keys() >= {"gateway", "worker", "chain"}
    assert reconciled["differences"] == []
    assert reconciled["open_items"] == []
    assert reconciled["settled_sequence"] >= json.loads(charged.stdout)["sequence"]


@pytest.mark.slow
def test_children_end_when_serve_is_killed(town: ServedTown) -> None:
    process = town.start()
    children = children_of(process.pid)

    town.end(process, signal.SIGKILL)
    wait_until_gone(*(children[name] for name in ("gateway", "worker", "chain")))

    assert not town.answers()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["gateway", "worker", "chain", "database"])
def test_if_one_part_dies_it_is_named_and_all_end(town: ServedTown, name: str) -> None:
    codes = {"chain": "chain_ended", "database": "database_ended"}
    process = town.start()
    children = children_of(process.pid)

    os.kill(children[name], signal.SIGKILL)
    _, told = process.communicate(timeout=HANG_S)
    problem = json.loads(told.splitlines()[-1])

    assert process.returncode == 7
    assert problem["code"] == codes.get(name, "process_ended")
    assert name in codes or f"{name}.log" in problem["title"]
    assert all(map(is_gone, children.values()))


@pytest.mark.slow
def test_an_address_of_another_machine_is_not_called_a_port_in_use(town: ServedTown) -> None:
    result = town.type("serve", "--host", "192.0.2.1")  # TEST-NET-1: nobody's

    assert result.returncode == 3
    assert "192.0.2.1" in result.stderr
    assert "[host_unusable]" in result.stderr


def test_a_port_that_is_in_use_is_named_and_nothing_is_started(town: ServedTown) -> None:
    with socket.create_server(("127.0.0.1", town.port)):
        result = town.type("serve", "--port", str(town.port))

    assert result.returncode == 8
    assert "[port_busy]" in result.stderr
    assert str(town.port) in result.stderr


@pytest.mark.slow
def test_a_second_serve_of_the_same_town_is_refused_and_the_first_goes_on(town: ServedTown) -> None:
    with town.serving() as process:
        result = town.type("serve", "--port", str(town.port + 1))

        assert result.returncode == 8
        assert "[already_serving]" in result.stderr
        assert str(process.pid) in result.stderr
        assert town.answers()


def test_a_wrong_passphrase_is_refused_before_anything_starts(town: ServedTown) -> None:
    result = town.type("serve", "--port", str(town.port), passphrase="something else")

    assert result.returncode == 5
    assert "[passphrase_wrong]" in result.stderr
    assert not town.answers()


@pytest.mark.slow
def test_no_process_sees_the_passphrase_and_only_the_worker_had_the_settlers_key(town: ServedTown) -> None:
    with town.serving() as process:
        children = children_of(process.pid)
        seen = {name: Path(f"/proc/{pid}/environ").read_bytes() for name, pid in children.items()}
        words = {name: Path(f"/proc/{pid}/cmdline").read_bytes() for name, pid in children.items()}

    for name in ("gateway", "worker"):
        assert b"PASSPHRASE" not in seen[name]
        assert b"three words" not in words[name]
    assert b"SETTLER_KEY" not in seen["gateway"]
    assert not list(town.home.folder.glob("settler*"))


@pytest.mark.slow
def test_logs_are_for_their_owner_only(town: ServedTown) -> None:
    with town.serving():
        pass

    modes = {path.name: path.stat().st_mode & 0o077 for path in (town.home.folder / "logs").glob("*.log")}

    assert modes == {"gateway.log": 0, "worker.log": 0}
