"""Staff can open a town, register its shops, charge, settle and reconcile from the command line alone."""

import json
import re
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from office import Office

from coin.clock import move_clock_to
from coin.console import written_in_both
from coin.registry import wallets
from coin.settlement.seal import seal_due

RESIDENT = bytes.fromhex("11" * 20)


def register(office: Office, address: bytes) -> None:
    with office.home.open() as town, town.books() as books:
        wallets.register(books, address)


def shops(office: Office) -> int:
    with office.home.open() as town, town.database.transaction() as connection:
        row = connection.execute("SELECT count(*) AS n FROM merchant").fetchone()
    assert row is not None
    return int(row["n"])


def test_a_file_with_one_wrong_line_registers_nothing_and_names_the_line(
    office: Office, example: Path
) -> None:
    before = shops(office)
    lines = (example / "merchants.csv").read_text(encoding="utf-8").splitlines()
    lines[7] = lines[7].replace(lines[7].split(",")[5], "9999", 1)
    wrong = office.folder / "wrong.csv"
    wrong.write_text("\n".join(lines), encoding="utf-8")

    result = office.run("merchants", "import", str(wrong))

    assert result.exit_code == 3
    assert "8" in result.stderr
    assert "bank_code" in result.stderr
    assert shops(office) == before


def told(office: Office, *words: str) -> dict[str, Any]:
    """What a command says to a program."""
    return json.loads(office.run(*words, "--json").stdout)


def held(report: dict[str, Any]) -> int:
    """What all holders hold together, by the trial balance of a report."""
    return sum(row[3] for row in report["trial_balance"] if row[0] == "holder")


def test_the_whole_line_runs_from_the_command_line_and_reconciles_to_zero(office: Office) -> None:
    register(office, RESIDENT)
    cash, coins = told(office, "reconcile")["cash"], held(told(office, "report"))

    sheets = told(office, "merchants", "sticker", "--out", str(office.folder / "sheets.pdf"))
    till = told(office, "tills", "create", "1", "レジ1")
    charged = told(office, "charge", "0x" + RESIDENT.hex(), "5000", "--channel", "shokokai", "--yes")
    settled = told(office, "settle", "--now")
    compared = office.run("reconcile", "--json")

    assert sheets["pages"] == shops(office)
    assert (office.folder / "sheets.pdf").read_bytes().startswith(b"%PDF")
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-?){3}", till["pairing_code"])
    assert charged["points"] == 500
    assert settled["unconfirmed"] == 0
    assert compared.exit_code == 0
    assert json.loads(compared.stdout)["differences"] == []
    assert json.loads(compared.stdout)["cash"]["shokokai"] == cash["shokokai"] + 5000
    assert held(told(office, "report")) == coins + 5_500


def test_a_difference_and_an_unsettled_operation_end_with_exit_number_1(office: Office) -> None:
    address = bytes.fromhex("22" * 20)
    register(office, address)
    assert office.run("charge", "0x" + address.hex(), "1000", "--channel", "michinoeki").exit_code == 0

    result = office.run("reconcile", "--json")

    assert result.exit_code == 1
    assert "unsettled" in {item["kind"] for item in json.loads(result.stdout)["open_items"]}
    assert office.run("settle", "--now").exit_code == 0
    assert office.run("reconcile").exit_code == 0


def test_a_charge_that_a_rule_of_amounts_refuses_is_told_the_rules(office: Office) -> None:
    address = bytes.fromhex("66" * 20)
    register(office, address)

    refused = office.run("charge", "0x" + address.hex(), "1001", "--channel", "shokokai")

    assert refused.exit_code == 4
    assert "1,000" in refused.stderr
    assert "[charge_unit]" in refused.stderr


def test_a_slip_is_one_slip_in_full_and_half_width_and_never_empty(office: Office) -> None:
    address = bytes.fromhex("88" * 20)
    register(office, address)
    words = ["charge", "0x" + address.hex(), "1000", "--channel", "shokokai", "--reference"]

    results = [office.run(*words, slip) for slip in ("伝票17", "伝票１７ ", "")]

    assert [result.exit_code for result in results] == [0, 4, 3]
    assert "[reference_used]" in results[1].stderr
    assert "伝票17" in results[1].stderr
    assert "[reference_empty]" in results[2].stderr


@pytest.mark.parametrize("typed", ["-5000", "5,00", "5000.5"])
def test_an_amount_that_is_none_is_told_without_a_word_of_the_machine(office: Office, typed: str) -> None:
    refused = office.run("charge", "--channel", "shokokai", "--", "0x" + "33" * 20, typed)

    assert refused.exit_code == 2
    assert "[usage]" in refused.stderr
    assert "金額" in refused.stderr
    assert "2^256" not in refused.stderr


def test_what_there_is_and_what_to_type_instead_is_told(office: Office) -> None:
    nowhere = office.run("charge", "0x" + "33" * 20, "1000", "--channel", "nowhere")
    twice = [office.run("tills", "create", "1", "レジ二度") for _ in range(2)][1]

    assert "shokokai" in nowhere.stderr
    assert twice.exit_code == 8
    assert "bandai-town tills pair" in twice.stderr
    assert "[till_exists]" in twice.stderr


@pytest.mark.parametrize(
    ("words", "number", "code"),
    [
        (["merchants", "import", "/"], 3, "file_unreadable"),
        (["deploy", "/"], 3, "file_unreadable"),
        (["charge", "0x" + "33" * 20, "1000", "--channel", "shokokai"], 4, "holder_unknown"),
        (["charge", "0x" + "33" * 20, "1000", "--channel", "nowhere"], 6, "channel_unknown"),
        (["charge", "0x12", "1000", "--channel", "shokokai"], 3, "invalid_input"),
        (["tills", "create", "999999", "レジ1"], 6, "merchant_unknown"),
        (["merchants", "import", "nothing.csv"], 6, "file_not_found"),
    ],
)
def test_each_error_has_its_exit_number_its_code_and_a_sentence_in_the_language_of_the_locale(
    office: Office, words: list[str], number: int, code: str
) -> None:
    japanese = office.run(*words)
    english = office.run(*words, language="en_US.UTF-8")

    assert (japanese.exit_code, english.exit_code) == (number, number)
    assert f"[{code}]" in japanese.stderr
    assert f"[{code}]" in english.stderr
    assert not japanese.stderr.isascii()
    assert english.stderr.isascii()


def test_a_wrong_passphrase_is_refused_and_moves_nothing(office: Office) -> None:
    register(office, bytes.fromhex("44" * 20))

    result = office.run("charge", "0x" + "44" * 20, "1000", "--channel", "shokokai", passphrase="wrong")

    assert result.exit_code == 5
    assert "[passphrase_wrong]" in result.stderr


def test_a_town_is_never_deployed_over_another(office: Office, example: Path) -> None:
    node = office.home.places().node_url

    clock = str(office.folder / "clock.json")
    result = office.run("deploy", str(example / "program.toml"), "--node", node, "--clock", clock)

    assert result.exit_code == 8
    assert "[town_exists]" in result.stderr


def test_no_key_file_can_be_read_by_others(office: Office) -> None:
    folder = office.home.folder
    files = [*(folder / "keys").iterdir(), folder / "receipts.key", office.home.personal_key_path]

    modes = {stat.S_IMODE(path.stat().st_mode) for path in files}

    assert modes == {0o600}


def test_a_charge_outside_the_period_is_told_the_days_on_which_charging_is_open(office: Office) -> None:
    address = bytes.fromhex("55" * 20)
    register(office, address)
    with office.home.open() as town:
        now_ms, opening_ms = town.clock.now_ms(), 1000 * town.municipality.program.period.starts_s
    move_clock_to(office.folder / "clock.json", opening_ms - 86_400_000)

    refused = office.run("charge", "0x" + address.hex(), "1000", "--channel", "shokokai")
    move_clock_to(office.folder / "clock.json", now_ms)

    assert refused.exit_code == 3
    assert "[period_closed]" in refused.stderr
    for day in (date(2022, 7, 22), date(2023, 3, 31)):
        assert written_in_both(day)[0] in refused.stderr


def test_a_batch_that_waited_eleven_days_is_let_through_by_two_staff(office: Office) -> None:
    early = office.run("approve-late")
    address = bytes.fromhex("33" * 20)
    register(office, address)
    assert office.run("charge", "0x" + address.hex(), "1000", "--channel", "michinoeki").exit_code == 0
    with office.home.open() as town:
        seal_due(town.database, town.municipality.code, town.clock.now_ms(), force=True)
        later_ms = town.clock.now_ms() + 11 * 86_400_000
    move_clock_to(office.folder / "clock.json", later_ms)

    stopped = office.run("settle", "--now")
    approved = office.run("approve-late", "--json")
    settled = office.run("settle", "--now")

    assert early.exit_code == 6
    assert "no_late_batch" in early.stderr
    assert stopped.exit_code == 7
    assert "bandai-town approve-late" in stopped.stderr
    assert json.loads(approved.stdout)["batch"] > 0
    assert settled.exit_code == 0
    assert office.run("reconcile").exit_code == 0
