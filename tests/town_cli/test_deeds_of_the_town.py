"""Every command that acts, with an output that does not take its answer: what was done is said all the same, and once."""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer
from office import Office

from coin.clock import move_clock_to
from coin.console import NOT_SHOWN
from coin.database.embedded import EmbeddedPostgres
from coin.messages import checksum_address
from coin.office import credentials
from coin.registry import wallets
from coin.registry.personal import open_personal_data
from coin.settlement.seal import seal_due
from tests.broken_output import ASCII, CLOSED, FULL, Ended, run_into
from tests.private_files import write_secret
from town_cli.main import app

READING = {
    *("reconcile", "report", "doctor", "credentials list", "tills list", "dates list", "merchants list"),
    *("merchants show", "wallets show", "audit log", "program check", "charges list"),
}
SECRET = {"staff create", "tills create", "tills pair"}  # not made, if they cannot be shown
LONG = {"serve"}  # runs whether or not anybody reads that it does


@dataclass(frozen=True)
class Act:
    """A command to type, what its deed must be named by, and how often it was done."""

    words: list[str]
    named: str
    times: Callable[[], int]


def count(office: Office, query: str, *values: object) -> int:
    with office.home.open() as town, town.database.transaction() as connection:
        row = connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(next(iter(row.values())))


def registered(office: Office) -> bytes:
    address = secrets.token_bytes(20)
    with office.home.open() as town, town.books() as books:
        wallets.register(books, address)
    return address


def init(office: Office, folder: Path) -> Act:
    file = folder / "program.toml"
    return Act(["init", str(file), "--demo"], file.name, lambda: int(file.exists()))


def charge(office: Office, folder: Path) -> Act:
    address = registered(office)
    slip = secrets.token_hex(4)
    words = ["charge", "0x" + address.hex(), "1000", "--channel", "shokokai", "--reference", slip, "--yes"]
    return Act(
        words, "1,000", lambda: count(office, "SELECT count(*) FROM top_up WHERE holder = %s", address)
    )


def settle(office: Office, folder: Path) -> Act:
    office.run("settle", "--now")
    office.run(*charge(office, folder).words)
    open_ones = "SELECT count(*) FROM batch WHERE state <> 'confirmed'"
    unsealed = "SELECT count(*) FROM chain_effect WHERE sequence > (SELECT coalesce(max(last_sequence), 0) FROM batch)"
    return Act(["settle", "--now"], "1", lambda: int(not count(office, open_ones) + count(office, unsealed)))


def approve_late(office: Office, folder: Path) -> Act:
    office.run("settle", "--now")
    office.run(*charge(office, folder).words)
    with office.home.open() as town:
        seal_due(town.database, town.municipality.code, town.clock.now_ms(), force=True)
        move_clock_to(office.folder / "clock.json", town.clock.now_ms() + 11 * 86_400_000)
    number = count(office, "SELECT max(number) FROM batch")
    return Act(
        ["approve-late"],
        str(number),
        lambda: count(
            office,
            "SELECT count(*) FROM audit WHERE action = 'approve_late_batch' AND subject = %s",
            str(number),
        ),
    )


def migrate(office: Office, folder: Path) -> Act:
    file = office.home.folder / "town.json"
    content = json.loads(file.read_text("utf-8"))
    contract = content.pop("pinned")["contract"]
    file.write_text(json.dumps(content), "utf-8")
    return Act(["migrate"], contract, lambda: int("pinned" in json.loads(file.read_text("utf-8"))))


def merchants_import(office: Office, folder: Path) -> Act:
    head, line = (
        (Path(__file__).parents[2] / "examples/bandai-2022/merchants.csv").read_text("utf-8").splitlines()[:2]
    )
    number = 1_000 + secrets.randbelow(900_000)
    file = folder / "merchants.csv"
    file.write_text(f"{head}\n{re.sub('^[0-9]+', str(number), line)}\n", "utf-8")
    return Act(
        ["merchants", "import", str(file)],
        "1",
        lambda: count(office, "SELECT count(*) FROM merchant WHERE number = %s", number),
    )


def merchants_sticker(office: Office, folder: Path) -> Act:
    file = folder / "sheet.pdf"
    return Act(["merchants", "sticker", "1", "--out", str(file)], file.name, lambda: int(file.exists()))


def credentials_revoke(office: Office, folder: Path) -> Act:
    personal = open_personal_data(office.home.personal_key_path)
    with office.home.open() as town, town.books() as books:
        made = credentials.admit_staff(books, personal, secrets.token_hex(8), actor="test").credential.id
    query = "SELECT count(*) FROM audit WHERE action = 'credential_revoked' AND subject = %s"
    return Act(["credentials", "revoke", str(made)], str(made), lambda: count(office, query, str(made)))


def keys_passphrase(office: Office, folder: Path) -> Act:
    file = office.home.keyring.keystore("pauser")
    before = file.read_bytes()
    return Act(["keys", "passphrase", "pauser"], "pauser", lambda: int(file.read_bytes() != before))


def charges_slip(office: Office, folder: Path) -> Act:
    slip, file = secrets.token_hex(4), folder / "slip.pdf"
    address = "0x" + registered(office).hex()
    assert office.run("charge", address, "1000", "--channel", "shokokai", "--reference", slip).exit_code == 0
    words = ["charges", "slip", slip, str(file), "--channel", "shokokai"]
    return Act(words, file.name, lambda: int(file.exists()))


def auditor(office: Office, folder: Path) -> Act:
    made = folder / "audit"
    return Act(["auditor", str(made)], str(made), lambda: int((made / "town.json").exists()))


ACTS: dict[str, Callable[[Office, Path], Act]] = {
    "init": init,
    "charge": charge,
    "auditor": auditor,
    "charges slip": charges_slip,
    "settle": settle,
    "approve-late": approve_late,
    "migrate": migrate,
    "merchants import": merchants_import,
    "merchants sticker": merchants_sticker,
    "credentials revoke": credentials_revoke,
    "keys passphrase": keys_passphrase,
}
SLOW = {"settle", "approve-late", "merchants sticker"}
CASES = [
    pytest.param(name, kind, marks=[pytest.mark.slow] if name in SLOW and kind != FULL else [])
    for name in ACTS
    for kind in (FULL, CLOSED, ASCII)
]
ALONE = {"deploy", "dates open", "adopt-foreign"}  # need a new town, or another day


def run(office: Office, kind: str, words: list[str]) -> Ended:
    new = office.folder / "new"
    write_secret(new, secrets.token_hex(8))
    environment = office.environment() | {"LC_ALL": "ja_JP.UTF-8", "BANDAI_NEW_PASSPHRASE_FILE": str(new)}
    return run_into(kind, app, words, environment)


def test_every_command_is_known_to_act_or_to_look() -> None:
    def names(command: object, path: str = "") -> list[str]:
        inside = getattr(command, "commands", {})
        return (
            [path]
            if not inside
            else [name for key, item in inside.items() for name in names(item, f"{path} {key}".strip())]
        )

    assert set(names(typer.main.get_command(app))) == {*ACTS, *READING, *SECRET, *LONG, *ALONE}


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_a_deed_is_named_and_stands_once(office: Office, tmp_path: Path, name: str, kind: str) -> None:
    act = ACTS[name](office, tmp_path)
    before = act.times()

    ended = run(office, kind, act.words)

    restore_passphrase(office, name)
    assert "Traceback" not in ended.told
    assert act.times() == before + 1
    if kind == ASCII:
        assert ended.number == 0
        assert act.named in ended.shown
    else:
        assert ended.number == NOT_SHOWN
        assert act.named in ended.told
        assert "もう一度実行しないでください。" in ended.told


@pytest.mark.parametrize("kind", [FULL, CLOSED])
@pytest.mark.parametrize("name", sorted(SECRET))
def test_a_secret_that_nobody_saw_was_not_made(office: Office, name: str, kind: str) -> None:
    label = secrets.token_hex(4)
    words = [*name.split(), label] if name == "staff create" else [*name.split(), "1", label]
    if name == "tills pair":
        assert office.run("tills", "create", "1", label).exit_code == 0
    query = "SELECT (SELECT count(*) FROM audit) + (SELECT count(*) FROM credential)"
    before = count(office, query)

    ended = run(office, kind, words)

    assert ended.number in (3, 141)
    assert "Traceback" not in ended.told
    assert count(office, query) == before
    assert office.run(*words).exit_code == 0


@pytest.mark.slow
def test_a_town_that_was_opened_is_named_by_its_contract(tmp_path: Path) -> None:
    office = Office(tmp_path)
    rules = str(tmp_path / "program.toml")
    assert office.run("init", rules, "--demo").exit_code == 0

    ended = run(office, FULL, ["deploy", rules])
    with office.home.open() as town:
        contract = checksum_address(town.municipality.domain.verifying_contract)
    again = office.run("deploy", rules)
    EmbeddedPostgres(office.home.data_folder).destroy()

    assert ended.number == NOT_SHOWN
    assert contract in ended.told
    assert "[town_exists]" in again.stderr


def restore_passphrase(office: Office, name: str) -> None:
    if name == "keys passphrase":
        was = (office.folder / "new").read_text("utf-8")
        changed = office.run(
            "keys", "passphrase", "pauser", passphrase=was, new_passphrase="three words here"
        )
        assert changed.exit_code == 0
