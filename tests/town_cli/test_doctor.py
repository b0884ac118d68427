"""`bandai-town doctor` reports each problem of a town in its own line, and no other problem. Every test causes one real problem, runs the doctor,
repairs it, and runs the doctor again.
"""

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from office import PASSPHRASE, Office

from coin import core
from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.contract import BandaiCoin, appoint_calldata, settle_calldata
from coin.chain.rpc import Rpc
from coin.chain.transactions import current_fees, next_nonce, receipts, send, sign_transaction
from coin.clock import FileClock, move_clock_to
from coin.messages import Appoint, checksum_address
from coin.office.approval import approval_by_two
from coin.registry import wallets
from coin.settlement.seal import seal_due
from coin.signatory import StaffPair

MINUTE_MS = 60_000
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Seen:
    """What one examination said."""

    number: int
    states: dict[str, str]
    cures: dict[str, str]

    @property
    def problems(self) -> set[str]:
        """The lines that turned."""
        return {name for name, state in self.states.items() if state == "problem"}


def examine(patient: Office, *words: str) -> Seen:
    result = patient.run("doctor", *words, "--json")
    checks = json.loads(result.stdout)["checks"]
    return Seen(
        result.exit_code,
        {check["check"]: check["state"] for check in checks},
        {check["check"]: check["cure"] for check in checks},
    )


@contextmanager
def other_bytes(path: Path, content: bytes) -> Iterator[None]:
    before, mode = path.read_bytes(), path.stat().st_mode
    path.write_bytes(content)
    yield
    path.write_bytes(before)
    path.chmod(mode)


@contextmanager
def at_ms(patient: Office, now_ms: int) -> Iterator[None]:
    clock = patient.folder / "clock.json"
    before_ms = FileClock(clock).now_ms()
    move_clock_to(clock, now_ms)
    yield
    move_clock_to(clock, before_ms)


def now_ms(patient: Office) -> int:
    return FileClock(patient.folder / "clock.json").now_ms()


def charge(patient: Office) -> str:
    address = secrets.token_bytes(20)
    with patient.home.open() as town, town.books() as books:
        wallets.register(books, address)
    charged = patient.run("charge", "0x" + address.hex(), "1000", "--channel", "shokokai")
    assert charged.exit_code == 0, charged.stderr
    return "0x" + address.hex()


def node(patient: Office) -> Rpc:
    return Rpc(patient.home.places().node_url)


def elsewhere(patient: Office, **changed: str) -> bytes:
    text = (patient.home.folder / "town.json").read_text(encoding="utf-8")
    return json.dumps({**json.loads(text), **changed}).encode()


def demand_well(patient: Office) -> None:
    seen = examine(patient)
    assert seen.states == dict.fromkeys(seen.states, "ok")
    assert seen.number == 0


def test_a_town_in_order_has_25_good_lines_and_ends_with_0(patient: Office) -> None:
    shown = patient.run("doctor")
    told = json.loads(patient.run("doctor", "--json").stdout)

    assert shown.exit_code == 0
    assert [check["state"] for check in told["checks"]] == ["ok"] * 25
    assert (told["problems"], told["is_served"]) == (0, False)
    assert not re.search(r"[0-9]{4}-[0-9]{2}", shown.stdout)
    assert "bandai-town serve" in shown.stdout
    assert len(shown.stdout.splitlines()) <= 28


def test_a_folder_without_a_town_is_named(tmp_path: Path) -> None:
    result = Office(tmp_path).run("doctor")

    assert result.exit_code == 6
    assert "[town_missing]" in result.stderr


# ------------------------------------------------------------------ files


@pytest.mark.parametrize("name", [".", "keys"])
def test_a_folder_that_others_can_enter_is_seen(patient: Office, name: str) -> None:
    folder = patient.home.folder / name
    folder.chmod(0o755)

    seen = examine(patient)
    folder.chmod(0o700)

    assert (seen.number, seen.problems) == (1, {"folder"})
    assert seen.cures["folder"].startswith("chmod 700")
    demand_well(patient)


@pytest.mark.parametrize("name", ["keys/cashier.json", "personal.key"])
def test_a_key_that_others_can_read_is_seen(patient: Office, name: str) -> None:
    key = patient.home.folder / name
    key.chmod(0o640)

    seen = examine(patient)
    key.chmod(0o600)

    assert seen.problems == {"keys"}
    assert str(key) in seen.cures["keys"]
    demand_well(patient)


def test_a_staff_key_that_is_gone_is_blamed_on_no_node(patient: Office) -> None:
    key = patient.home.keyring.keystore("staff-1")
    away = key.rename(patient.folder / "away")

    seen = examine(patient)
    away.rename(key)

    assert seen.problems == {"keys"}
    assert seen.states["roles"] == "unknown"
    assert seen.states["clock_chain"] == seen.states["lag"] == "ok"
    demand_well(patient)


@pytest.mark.parametrize("name", ["keys/channel-alts.json", "keys/grants.json", "personal.key"])
def test_a_key_that_is_gone_is_seen(patient: Office, name: str) -> None:
    key = patient.home.folder / name
    away = key.rename(patient.folder / "away")

    seen = examine(patient)
    away.rename(key)

    assert seen.problems == {"keys"}
    demand_well(patient)


def test_a_disk_without_the_room_that_was_asked_for_is_seen(patient: Office) -> None:
    seen = examine(patient, "--least-free-gb", "1000000")

    assert (seen.number, seen.problems) == (1, {"disk"})


def test_rules_with_a_mistake_are_seen_and_what_needs_them_is_not_guessed(patient: Office) -> None:
    with other_bytes(patient.home.program_path, b"[municipality]\n"):
        seen = examine(patient)

    assert seen.problems == {"rules"}
    assert seen.states["database"] == seen.states["contract"] == "unknown"
    demand_well(patient)


# ------------------------------------------------------------------ books


def test_rules_that_were_changed_after_deploy_are_seen(patient: Office) -> None:
    rules = patient.home.program_path
    with other_bytes(rules, rules.read_bytes() + b"# changed\n"):
        seen = examine(patient)

    assert seen.problems == {"rules_in_force"}
    demand_well(patient)


def test_a_database_that_does_not_answer_is_seen(patient: Office) -> None:
    nowhere = elsewhere(patient, database_url="postgresql://bandai_app@127.0.0.1:1/bandai")
    with other_bytes(patient.home.folder / "town.json", nowhere):
        seen = examine(patient)

    assert seen.problems == {"database"}
    assert seen.states["schema"] == seen.states["node"] == "unknown"
    demand_well(patient)


def test_a_schema_of_another_release_is_seen(patient: Office) -> None:
    patient.as_owner("ALTER TABLE alembic_version RENAME TO away")

    seen = examine(patient)
    patient.as_owner("ALTER TABLE away RENAME TO alembic_version")

    assert seen.problems == {"schema"}
    assert seen.cures["schema"] == "bandai-town migrate"
    demand_well(patient)


@pytest.mark.parametrize(
    ("column", "lines", "field"),
    [
        ("receipt_key", {"pinned", "service_keys"}, "receipts_key"),
        ("contract", {"pinned", "contract"}, "contract"),
    ],
)
def test_books_that_name_another_contract_or_receipts_key_than_was_deployed_are_seen(
    patient: Office, column: str, lines: set[str], field: str
) -> None:
    patient.as_owner(f"CREATE TABLE kept AS SELECT {column} AS was FROM municipality")
    patient.as_owner(f"UPDATE municipality SET {column} = decode(repeat('ab', 20), 'hex')")

    seen = examine(patient)
    compared = json.loads(patient.run("reconcile", "--json").stdout)
    patient.as_owner(f"UPDATE municipality SET {column} = (SELECT was FROM kept)")
    patient.as_owner("DROP TABLE kept")

    assert seen.problems == lines
    assert ("town", field) in {(item["subject"], item["field"]) for item in compared["differences"]}
    demand_well(patient)


def test_a_folder_of_an_earlier_release_works_is_told_and_is_pinned_by_migrate(patient: Office) -> None:
    file = patient.home.folder / "town.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    pin = content.pop("pinned")
    file.write_text(json.dumps(content), encoding="utf-8")

    seen = examine(patient)
    compared = patient.run("reconcile")
    shown = patient.run("migrate")

    assert seen.problems == {"pinned"}
    assert "bandai-town migrate" in compared.stdout
    assert pin["contract"] in shown.stdout
    assert pin["receipt_key"] in shown.stdout
    assert json.loads(file.read_text(encoding="utf-8"))["pinned"] == pin
    demand_well(patient)


def test_books_whose_receipts_key_is_not_the_folders_are_not_pinned(patient: Office) -> None:
    file = patient.home.folder / "town.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    del content["pinned"]

    with other_bytes(file, json.dumps(content).encode()):
        with other_bytes(patient.home.receipts_key_path, b"0x" + secrets.token_hex(32).encode()):
            refused = patient.run("migrate")
        assert json.loads(file.read_text(encoding="utf-8")) == content

    assert refused.exit_code == 3
    assert "[receipt_key_differs]" in refused.stderr
    demand_well(patient)


def test_a_receipts_key_of_another_town_is_seen(patient: Office) -> None:
    with other_bytes(patient.home.receipts_key_path, b"0x" + secrets.token_hex(32).encode()):
        seen = examine(patient)

    assert seen.problems == {"service_keys"}
    demand_well(patient)


def test_a_settlers_key_of_another_town_is_seen(patient: Office) -> None:
    settler = patient.home.keyring.keystore("settler")
    before = settler.read_bytes()
    patient.home.keyring.write("settler", {"settler": secrets.token_bytes(32)}, PASSPHRASE)

    seen = examine(patient)
    settler.write_bytes(before)

    assert seen.problems == {"service_keys"}
    demand_well(patient)


def test_a_machine_whose_clock_is_wrong_is_seen(patient: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    right = time.time_ns
    clock = patient.folder / "clock.json"
    with monkeypatch.context() as machine:
        machine.setattr(time, "time_ns", lambda: right() + 90_000_000_000)
        with other_bytes(clock, json.dumps({"offset_ms": FileClock(clock).offset_ms() - 90_000}).encode()):
            seen = examine(patient)

    assert seen.problems == {"clock_database"}
    demand_well(patient)


def test_a_clock_that_went_back_behind_the_last_operation_and_the_chain_is_seen(patient: Office) -> None:
    charge(patient)
    assert patient.run("settle", "--now").exit_code == 0

    with at_ms(patient, now_ms(patient) - 30 * MINUTE_MS):
        seen = examine(patient)

    assert seen.problems >= {"clock_journal", "clock_chain"}
    demand_well(patient)


@pytest.mark.parametrize("day", ["before", "after"])
def test_a_day_outside_the_period_is_seen(patient: Office, day: str) -> None:
    period = patient.home.program().period
    outside = (period.starts_s - 3_600) * 1000 if day == "before" else period.ends_s * 1000

    with at_ms(patient, outside):
        seen = examine(patient)

    assert "period" in seen.problems
    demand_well(patient)


def test_a_batch_that_was_not_sent_is_seen_and_after_ten_days_needs_two_staff(patient: Office) -> None:
    charge(patient)
    with patient.home.open() as town:
        seal_due(town.database, town.municipality.code, town.clock.now_ms(), force=True)

    fresh = examine(patient)
    with at_ms(patient, now_ms(patient) + 20 * MINUTE_MS):
        waiting = examine(patient)
    with at_ms(patient, now_ms(patient) + 11 * DAY_MS):
        late = examine(patient)
    assert patient.run("settle").exit_code == 0

    assert fresh.problems == set()
    assert waiting.problems == {"batches"}
    assert late.problems == {"batches", "lag"}
    assert "approve-late" in late.cures["batches"]
    demand_well(patient)


def test_an_operation_that_the_chain_skipped_is_seen(patient: Office) -> None:
    charge(patient)
    patient.as_owner(
        """UPDATE chain_effect SET signatures = set_byte(signatures, 5, get_byte(signatures, 5) # 1)
           WHERE sequence = (SELECT max(sequence) FROM chain_effect)""",
    )
    assert patient.run("settle", "--now").exit_code == 0

    seen = examine(patient)
    patient.as_owner("UPDATE incident SET disposition = 'loss of the issuer'")

    assert seen.problems == {"incidents"}
    demand_well(patient)


# ------------------------------------------------------------------ chain


def test_a_node_that_does_not_answer_is_seen(patient: Office) -> None:
    nowhere = elsewhere(patient, node_url="http://127.0.0.1:1")
    with other_bytes(patient.home.folder / "town.json", nowhere):
        seen = examine(patient)

    assert seen.problems == {"node"}
    assert seen.states["lag"] == "unknown"
    demand_well(patient)


@pytest.mark.parametrize(("chain_id", "line"), [(31_338, "chain_id"), (31_337, "contract")])
def test_another_chain_is_seen_and_nothing_is_settled_on_it(
    patient: Office, tmp_path: Path, chain_id: int, line: str
) -> None:
    with Anvil(AnvilOptions(state=tmp_path / "other.json", chain_id=chain_id)) as other:
        there = elsewhere(patient, node_url=other.url)
        with other_bytes(patient.home.folder / "town.json", there):
            seen = examine(patient)
            settled = patient.run("settle")

    assert seen.problems == {line}
    assert ("[chain_differs]" in settled.stderr) is (line == "chain_id")
    demand_well(patient)


def test_one_changed_byte_of_the_contract_is_seen(patient: Office) -> None:
    with patient.home.open() as town:
        address = "0x" + town.municipality.domain.verifying_contract.hex()
    with node(patient) as rpc:
        code = rpc.call("eth_getCode", address, "latest")
        rpc.call("anvil_setCode", address, code[:-2] + ("00" if code[-2:] != "00" else "01"))
        seen = examine(patient)
        rpc.call("anvil_setCode", address, code)

    assert seen.problems == {"contract"}
    demand_well(patient)


def test_a_settler_whose_right_was_taken_away_is_seen(patient: Office) -> None:
    appoint(patient, bytes(range(20)))

    seen = examine(patient)
    appoint(patient, patient.home.keyring.address("settler"))

    assert seen.problems == {"roles"}
    demand_well(patient)


def test_a_settler_without_gas_on_a_chain_that_takes_some_is_seen(patient: Office) -> None:
    settler = "0x" + patient.home.keyring.key("settler", PASSPHRASE).address.hex()
    with node(patient) as rpc:
        rpc.call("anvil_setNextBlockBaseFeePerGas", hex(1_000_000_000))
        rpc.call("evm_mine")
        poor = examine(patient)
        rpc.call("anvil_setBalance", settler, hex(10**18))
        rich = examine(patient)
        rpc.call("anvil_setBalance", settler, "0x0")
        rpc.call("anvil_setNextBlockBaseFeePerGas", "0x0")
        rpc.call("evm_mine")

    assert poor.problems == {"gas"}
    assert "gas" not in rich.problems
    demand_well(patient)


def test_operations_that_wait_for_the_chain_for_long_are_seen(patient: Office) -> None:
    charge(patient)

    fresh = examine(patient)
    with at_ms(patient, now_ms(patient) + 40 * MINUTE_MS):
        seen = examine(patient)
    assert patient.run("settle", "--now").exit_code == 0

    assert fresh.problems == set()
    assert seen.problems == {"lag"}
    demand_well(patient)


def test_a_batch_whose_block_is_not_final_is_named_and_after_half_an_hour_a_problem(
    patient: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge(patient)
    monkeypatch.setenv("BANDAI_CONFIRMATIONS", "1000")
    with patient.home.open() as town:
        seal_due(town.database, town.municipality.code, town.clock.now_ms(), force=True)
    left = json.loads(patient.run("settle", "--json").stdout)["unconfirmed"]

    fresh = examine(patient)
    with at_ms(patient, now_ms(patient) + 40 * MINUTE_MS):
        late = examine(patient)
    monkeypatch.delenv("BANDAI_CONFIRMATIONS")
    assert patient.run("settle").exit_code == 0

    assert left == 1
    assert fresh.problems == set()
    assert late.problems == {"finality"}
    assert "BANDAI_CONFIRMATIONS" in late.cures["finality"]
    demand_well(patient)


def test_a_batch_that_the_books_did_not_seal_is_seen_named_and_adopted(patient: Office) -> None:
    with patient.home.open_with_node() as (town, rpc):
        snapshot = BandaiCoin(rpc, town.municipality.domain.verifying_contract).snapshot()
    journal = snapshot.journal
    number, no_table = journal.batch_no + 1, bytes(4)
    transact(
        patient,
        "settler",
        settle_calldata(number, journal.next_sequence, snapshot.block_time_s, no_table, 0),
    )

    seen = examine(patient)
    settled = patient.run("settle", "--now")
    compared = json.loads(patient.run("reconcile", "--json").stdout)
    adopted = patient.run("adopt-foreign", "--json")
    again = patient.run("adopt-foreign")
    charge(patient)
    assert patient.run("settle", "--now").exit_code == 0

    assert seen.problems == {"foreign_batches"}
    assert settled.exit_code == 7
    assert "[foreign_batch]" in settled.stderr
    named = {"kind": "foreign", "subject": "batch", "id": number, "reason": None}
    assert named in compared["open_items"]
    assert json.loads(adopted.stdout) == {"batches": [number]}
    assert checksum_address(patient.home.keyring.address("settler")) in adopted.stderr
    assert (again.exit_code, "[no_foreign_batch]" in again.stderr) == (6, True)
    assert "foreign" not in patient.run("reconcile", "--json").stdout
    demand_well(patient)


def appoint(patient: Office, settler: bytes) -> None:
    """Two staff name another settler, past our commands; anybody hands it in."""
    keyring = patient.home.keyring
    pair = StaffPair(keyring.key("staff-1", PASSPHRASE), keyring.key("staff-2", PASSPHRASE))
    with patient.home.open_with_node() as (town, rpc), town.books() as books:
        offices = BandaiCoin(rpc, town.municipality.domain.verifying_contract).offices()
        said = Appoint(settler, offices.pauser, 0, offices.change + 1)
        approval = approval_by_two(books, said, pair.sign(town.municipality.domain, said))
    transact(patient, "pauser", appoint_calldata(said, approval))


def transact(patient: Office, office: str, data: bytes) -> None:
    """Call the contract with the key of an office, past our commands."""
    key = patient.home.keyring.key(office, PASSPHRASE).secret
    with patient.home.open() as town, node(patient) as rpc:
        domain = town.municipality.domain
        signed = sign_transaction(
            key,
            chain_id=domain.chain_id,
            nonce=next_nonce(rpc, core.addresses(key)),
            to=domain.verifying_contract,
            data=data,
            gas=200_000,
            fees=current_fees(rpc),
        )
        send(rpc, signed)
        while receipts(rpc, [signed.tx_hash]) == [None]:
            time.sleep(0.02)
