"""Where histories are played: a fresh database and a fresh contract for each; a failing one is cut to its smallest."""

import itertools
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from history_checks import check_drained
from history_maker import Maker
from history_moves import Step
from history_rules import Knobs, knobs_of
from history_town import HistoryTown

from coin.chain.rpc import Rpc
from coin.clock import jst_midnight_s, parse_jst_date
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from tests.databases import copied

START_MS = jst_midnight_s(parse_jst_date("2023-02-20")) * 1000 + 6 * 3_600_000 + 1_800_123
MOST_TRIES = 150


@dataclass
class Played:
    """What a history was, and the error that ended it, if one did."""

    seed: int
    knobs: Knobs
    steps: list[Step]
    answers: list[tuple[str, str]]
    error: Exception | None


class Stage:
    """One server and one chain, wound back before each history."""

    def __init__(self, postgres: EmbeddedPostgres, rpc: Rpc) -> None:
        self._postgres, self._rpc = postgres, rpc
        self._numbers = itertools.count(1)

    @contextmanager
    def town(self, knobs: Knobs) -> Iterator[HistoryTown]:
        """A town of its own; chain time and database are as before when it is left."""
        number = next(self._numbers)
        mark = self._rpc.call("evm_snapshot")
        with copied(self._postgres, "template_bandai") as owner_url:
            database = Database.open(owner_url.replace("postgres@", "bandai_app@", 1), max_size=4)
            try:
                yield HistoryTown(database, self._rpc, knobs, number, owner_url=owner_url)
            finally:
                database.close()
                self._rpc.call("evm_revert", mark)

    def draw(self, seed: int, length: int) -> Played:
        """Play the history of a seed."""
        rng = random.Random(seed)
        knobs = knobs_of(rng, START_MS)
        with self.town(knobs) as town:
            error: Exception | None = None
            try:
                self._draw(town, rng, length)
            except Exception as found:  # whatever a history meets is its result
                error = found
            return Played(seed, knobs, town.steps, town.answers, error)

    @staticmethod
    def _draw(town: HistoryTown, rng: random.Random, length: int) -> None:
        maker = Maker(town, rng)
        maker.open()
        for _ in range(length):
            maker.step()
        town.drain()
        check_drained(town)

    def replay(self, knobs: Knobs, steps: Sequence[Step]) -> Exception | None:
        """Play written-down steps on a fresh town."""
        with self.town(knobs) as town:
            try:
                for step in steps:
                    town.play(step.at_ms, step.move)
                town.drain()
                check_drained(town)
            except Exception as found:
                return found
        return None

    def smallest(self, played: Played) -> list[Step]:
        """Cut steps away as long as the history still ends with the same kind of error."""
        steps, size, tries = played.steps, len(played.steps) // 2, 0
        while size and tries < MOST_TRIES:
            at = 0
            while at < len(steps) and tries < MOST_TRIES:
                shorter, tries = steps[:at] + steps[at + size :], tries + 1
                if _same_kind(self.replay(played.knobs, shorter), played.error):
                    steps = shorter
                else:
                    at += size
            size //= 2
        return steps


def open_town(town: HistoryTown, seed: int) -> Maker:
    """Open a town with its staff, dates, shops and people."""
    maker = Maker(town, random.Random(seed))
    maker.open()
    return maker


def _same_kind(one: Exception | None, other: Exception | None) -> bool:
    return type(one) is type(other) and str(one).partition(":")[0] == str(other).partition(":")[0]


def describe(stage: Stage, played: Played) -> str:
    """A failed history for people: its seed, its error, and the fewest steps that still show it."""
    lines = [f"seed {played.seed}: {type(played.error).__name__}: {played.error}", f"{played.knobs}"]
    steps = stage.smallest(played)
    return "\n".join(
        [*lines, f"{len(steps)} of {len(played.steps)} steps:", *(f"  {step}" for step in steps)]
    )
