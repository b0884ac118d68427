"""A town with more dates than lanes lives through its two years: each next date is opened when its lane is free."""

from dataclasses import replace
from pathlib import Path

import pytest

from coin.clock import DAY_S, StandingClock, jst_midnight_s, parse_jst_date
from coin.database.database import Database
from coin.errors import Rejected
from coin.formats import LANE_REST_S, LANES
from coin.office.dates import open_dates
from coin.operations.expire import EndDate
from coin.program import ExpiryRule, Program, load_program
from coin.registry.calendar import WaitingDate, opened_dates, waiting_dates
from coin.signatory import Signatory, StaffPair
from tests.worlds.books import STAFF, Town, new_books
from tests.worlds.people import key_of

FIVE_LOTS = Path(__file__).parents[1] / "program" / "files" / "rules-five-lots.toml"
PAIR = StaffPair(*(Signatory(key_of(name)) for name in STAFF))


def s(day: str) -> int:
    return jst_midnight_s(parse_jst_date(day))


def five_lots() -> Program:
    return load_program(FIVE_LOTS)


def six_lots_to_2028() -> Program:
    """The last lot until March 2028, and one of its own for the points of the last month."""
    rules = five_lots()
    last = rules.expiry[-1]
    longer = [
        replace(rule, ends_s=s("2028-04-01")) if rule.ends_s == s("2027-04-01") else rule
        for rule in rules.expiry
    ]
    points = [*longer[:-1], ExpiryRule(last.kind, s("2027-03-01"), s("2027-09-01")), longer[-1]]
    return replace(rules, expiry=tuple(points))


def opened(database: Database, rules: Program, day: str) -> Town:
    """A town as `deploy` opens it on that day."""
    clock = StandingClock(s(day) * 1000 + 9 * 3_600_000)
    town = Town(database, new_books(database, clock, rules), clock)
    town.open()
    open_due(town)
    town.register("hanako")
    return town


def open_due(town: Town) -> list[int]:
    with town.books() as books:
        return [date.date.ends_s for date in open_dates(books, PAIR, actor="clerk")]


def waiting(town: Town) -> list[WaitingDate]:
    with town.books() as books:
        return waiting_dates(books)


def end_passed(town: Town) -> None:
    """As the worker does."""
    now_s = town.clock.now_ms() // 1000
    for row in town.rows(
        "SELECT expiry_s FROM expiry_date WHERE expired_sequence IS NULL AND expiry_s <= %s", now_s
    ):
        town.perform(EndDate(row["expiry_s"], chain_time_s=now_s), actor="clock")


@pytest.mark.parametrize("rules", [five_lots(), six_lots_to_2028()], ids=["five lots", "six lots to 2028"])
def test_every_date_is_open_when_it_is_needed_and_a_charge_works_on_every_day_of_the_period(
    database: Database, rules: Program
) -> None:
    town = opened(database, rules, "2026-04-01")
    opened_on: dict[int, int] = {}

    for day_s in range(s("2026-04-01"), s("2028-04-02"), DAY_S):
        town.clock.set_ms(day_s * 1000 + 9 * 3_600_000)
        end_passed(town)
        opened_on |= dict.fromkeys(open_due(town), day_s)
        if rules.period.contains(town.clock.now_ms()) and (day_s // DAY_S) % 15 in (0, 1):
            town.charge("hanako", 1000)

    dates = rules.dates()
    assert list(opened_on) == [date.ends_s for date in dates[LANES:]]
    assert all(opened_on[date.ends_s] <= date.first_s for date in dates[LANES:])
    assert opened_on[dates[LANES].ends_s] == dates[0].ends_s + LANE_REST_S
    assert waiting(town) == []
    assert town.rows("SELECT 1 FROM balance WHERE expiry_s <> 0 AND amount > 0") == []


def test_a_date_that_nobody_has_opened_in_time_is_refused_and_can_be_opened_late(database: Database) -> None:
    town = opened(database, five_lots(), "2026-04-10")
    town.clock.set_ms(s("2026-12-01") * 1000)
    end_passed(town)

    with pytest.raises(Rejected) as refused:
        town.charge("hanako", 1000)
    late = open_due(town)

    assert refused.value.code == "date_not_in_calendar"
    assert late == [s("2027-04-01")]
    town.charge("hanako", 1000)


def test_a_lane_with_value_that_nobody_has_ended_is_said_to_be_held(database: Database) -> None:
    town = opened(database, five_lots(), "2026-04-10")
    town.charge("hanako", 1000)
    town.clock.set_ms(s("2026-09-01") * 1000)

    (held,) = waiting(town)
    unopened = open_due(town)
    end_passed(town)

    assert held.is_held
    assert unopened == []
    assert open_due(town) == [s("2027-04-01")]


def test_a_town_that_opens_late_leaves_out_what_it_will_not_issue(database: Database) -> None:
    town = opened(database, five_lots(), "2026-09-15")

    with town.books() as books:
        assert opened_dates(books) == [s("2026-12-01"), s("2027-02-01"), s("2027-04-01")]
    assert waiting(town) == []
