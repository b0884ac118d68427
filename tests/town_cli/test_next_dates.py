"""The fifth date of a town, from the first word of the doctor to the chain, as staff type it."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from office import Office

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, move_clock_to, parse_jst_date
from coin.database.embedded import EmbeddedPostgres

RULES = Path(__file__).parents[1] / "program" / "files" / "rules-five-lots.toml"
APRIL_S, NOVEMBER_S, END_S = (
    jst_midnight_s(parse_jst_date(day)) for day in ("2026-04-10", "2026-11-10", "2027-04-01")
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A town that opened in April with five lots; it is November."""
    server = EmbeddedPostgres(tmp_path / "town" / "postgres", settings={"fsync": "off"})
    (tmp_path / "town").mkdir()
    server.start()
    with Anvil(AnvilOptions(state=tmp_path / "chain.json", timestamp_s=APRIL_S)) as anvil:
        clock, made = tmp_path / "clock.json", Office(tmp_path)
        move_clock_to(clock, (APRIL_S + 60) * 1000)
        done = made.run("deploy", str(RULES), "--node", anvil.url, "--clock", str(clock))
        assert done.exit_code == 0, done.output
        assert made.run("settle", "--now").exit_code == 0
        with Rpc(anvil.url) as rpc:
            rpc.call("evm_setNextBlockTimestamp", NOVEMBER_S)
            rpc.call("evm_mine")
        move_clock_to(clock, (NOVEMBER_S + 60) * 1000)
        yield made
    server.destroy()
    shutil.rmtree(tmp_path / "town")


def dates_in(office: Office) -> str:
    checks = json.loads(office.run("doctor", "--json").stdout)["checks"]
    return str(next(check["state"] for check in checks if check["check"] == "dates"))


@pytest.mark.slow
def test_the_doctor_names_the_date_two_staff_open_it_and_the_chain_takes_it(office: Office) -> None:
    named = dates_in(office)
    listed = json.loads(office.run("dates", "list", "--json").stdout)
    opened = office.run("dates", "open", "--json")
    settled = office.run("settle", "--now", "--json")
    reconciled = office.run("reconcile", "--json")
    again = office.run("dates", "open", "--json")

    assert named == "problem"
    assert [(date["expiry"], date["can_be_opened"]) for date in listed["waiting"]] == [(END_S, True)]
    assert [date["expiry"] for date in json.loads(opened.stdout)["opened"]] == [END_S]
    assert (settled.exit_code, reconciled.exit_code) == (0, 0)
    assert json.loads(again.stdout) == {"opened": []}
    assert dates_in(office) == "ok"
