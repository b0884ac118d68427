"""`python -m coin.settlement.worker`: settles one municipality until it is told to stop.

Decides when the next round is. If node or database do not answer, it waits and goes on; a failing task does not block the
others. It has the settler's key, and no other. It may be killed at any time: the state is in the batch rows, and the next
worker goes on from there.

Settings by environment: BANDAI_DATABASE_URL, BANDAI_PROGRAM (program.toml), BANDAI_RPC_URL; the key from
BANDAI_SETTLER_KEY_FILE, from BANDAI_SETTLER_KEYSTORE with BANDAI_PASSPHRASE_FILE, or from BANDAI_SETTLER_KEY_FD (an open
descriptor from the parent process, so that the key is on no disk); optional are BANDAI_DATABASE_PASSWORD_FILE or
BANDAI_DATABASE_PASSWORD, BANDAI_CLOCK (a demo's clock
file), BANDAI_CONFIRMATIONS (blocks, or `finalized`), BANDAI_STUCK_AFTER_S, BANDAI_POLL_S, BANDAI_LOG_FILE (coin/logs.py).
"""

import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from coin.chain.rpc import NodeRefused, Rpc
from coin.chain.transactions import demand_chain
from coin.clock import open_clock
from coin.database.database import Database
from coin.database.place import PROCESSES, with_password
from coin.errors import CoinError, InvalidInput, Unavailable
from coin.keystore import open_keystore, read_key_descriptor, read_key_file
from coin.logs import start_log
from coin.program import load_program
from coin.registry import municipality as registry
from coin.registry.municipality import Municipality
from coin.secret_text import read_secret_file
from coin.settlement.expire import expire_due
from coin.settlement.lapsed import Lapsed
from coin.settlement.reminder import Reminder
from coin.settlement.settler import CONFIRMATIONS, Policy, Settler
from coin.settlement.sweep import Sweep
from coin.settlement.tick import Ticked, tick
from coin.stopping import Stop, stop_on_signals

_LOG = logging.getLogger("coin.settlement")
_BUSY_PAUSE_S = 0.05
_AWAY_PAUSE_S = 1.0
KEY_NAME = "settler"
_Done = TypeVar("_Done")


@dataclass(frozen=True)
class WorkerSettings:
    """The settings of a worker, from its environment only."""

    database_url: str = field(repr=False)
    program: Path
    rpc_url: str
    key: bytes = field(repr=False)
    clock_file: Path | None = None
    confirmations: str | None = None
    stuck_after_s: int | None = None
    poll_s: float = 0.5

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "WorkerSettings":
        """Read the settings of this process.

        Raises:  InvalidInput (`setting_missing`, `setting_invalid`) naming the first that is missing or wrong.
        """
        clock = environment.get("BANDAI_CLOCK")
        stuck = environment.get("BANDAI_STUCK_AFTER_S")
        return cls(
            database_url=with_password(_needed(environment, "BANDAI_DATABASE_URL"), PROCESSES, environment),
            program=Path(_needed(environment, "BANDAI_PROGRAM")),
            rpc_url=_needed(environment, "BANDAI_RPC_URL"),
            key=_key(environment),
            clock_file=Path(clock) if clock else None,
            confirmations=environment.get(CONFIRMATIONS),
            stuck_after_s=int(_number("BANDAI_STUCK_AFTER_S", stuck)) if stuck else None,
            poll_s=_number("BANDAI_POLL_S", environment.get("BANDAI_POLL_S", "0.5")),
        )


def policy_of(municipality: Municipality, settings: WorkerSettings) -> Policy:
    """Return the default policy with the changes from the settings.

    Raises:  InvalidInput (`setting_invalid`).
    """
    policy = Policy.of(municipality)
    if settings.stuck_after_s is not None:
        policy = replace(policy, stuck_after_ms=settings.stuck_after_s * 1000)
    return policy.confirmed_after(settings.confirmations)


def run(settings: WorkerSettings, stop: Stop) -> None:
    """Settle until `stop` is set; wait while node or database do not answer.

    Raises:  CoinError, if the worker cannot start; InvariantBroken, at any time.
    """
    program = load_program(settings.program)
    database = Database.open(settings.database_url, max_size=4)
    try:
        with database.transaction() as conn:
            municipality = registry.load(conn, program.municipality.code, program)
        clock = open_clock(settings.clock_file, is_demo=municipality.is_demo)
        policy = policy_of(municipality, settings)
        with Rpc(settings.rpc_url) as rpc:
            settler = Settler.of(database, municipality, clock, rpc, settings.key, policy)
            _demand_settlers_key(settler, municipality)
            _LOG.info("settling %s", municipality.code)
            _loop(settler, settings.poll_s, stop)
    finally:
        database.close()


def _loop(settler: Settler, poll_s: float, stop: Stop) -> None:
    sweep, lapsed, reminder, attempts, is_met = Sweep(), Lapsed(), Reminder(), Attempts(), False
    while not stop.is_set():
        is_met = is_met or attempts.do(_demand_its_chain, settler) is not None
        settled, ended, swept, forgotten = (
            attempts.do(tick, settler),
            attempts.do(expire_due, settler),
            attempts.do(sweep.sweep, settler),
            attempts.do(lapsed.sweep_lapsed, settler),
        )
        attempts.do(reminder.remind, settler)
        _log(settled, ended, swept, forgotten)
        if settled is None or ended is None or swept is None or forgotten is None:
            stop.wait(_AWAY_PAUSE_S)
        else:
            stop.wait(poll_s if settled.is_drained else _BUSY_PAUSE_S)


def _demand_its_chain(settler: Settler) -> bool:
    demand_chain(settler.rpc, settler.domain.chain_id)
    return True


class Attempts:
    """Does the worker's duties, and logs a failure once, however often it comes again, and its end once."""

    def __init__(self) -> None:
        self._failing: dict[str, str] = {}

    def do(self, duty: Callable[[Settler], _Done], settler: Settler) -> _Done | None:
        """Return what the duty returns; None, if it could not be done now."""
        name = duty.__name__
        try:
            done = duty(settler)
        except (Unavailable, NodeRefused) as error:
            said = f"{error.code}: {error}"
            if self._failing.get(name) != said:
                _LOG.warning("%s", said)
            self._failing[name] = said
            return None
        if self._failing.pop(name, None) is not None:
            _LOG.info("%s works again", name)
        return done


def _log(done: Ticked | None, ended: int | None, swept: int | None, forgotten: int | None) -> None:
    if swept:
        _LOG.info("deleted %d old checkout(s) that nobody paid", swept)
    if forgotten:
        _LOG.info("deleted %d lapsed row(s) that nobody needs", forgotten)
    if ended:
        _LOG.info("ended %d date(s)", ended)
    if done is not None and done.did_something:
        _LOG.info("sealed %d, steps %d, confirmed %d", done.sealed, done.steps, done.confirmed)


def _demand_settlers_key(settler: Settler, municipality: Municipality) -> None:
    if settler.address != municipality.settler:
        raise InvalidInput(
            "この鍵は精算用の鍵ではありません。",
            "This key is not the municipality's settler.",
            field="BANDAI_SETTLER_KEY_FILE",
            code="setting_invalid",
        )


def _needed(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise InvalidInput(
            f"環境変数 {name} がありません。", f"{name} is not set.", field=name, code="setting_missing"
        )
    return value


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if value < 0:
        raise InvalidInput(
            f"環境変数 {name} は 0 以上の数です。",
            f"{name} is a number, 0 or more.",
            field=name,
            code="setting_invalid",
        )
    return value


def _key(environment: Mapping[str, str]) -> bytes:
    descriptor = environment.get("BANDAI_SETTLER_KEY_FD")
    if descriptor:
        return read_key_descriptor(int(_number("BANDAI_SETTLER_KEY_FD", descriptor)))
    keystore = environment.get("BANDAI_SETTLER_KEYSTORE")
    if not keystore:
        return read_key_file(Path(_needed(environment, "BANDAI_SETTLER_KEY_FILE")))
    passphrase = read_secret_file(_needed(environment, "BANDAI_PASSPHRASE_FILE"), "BANDAI_PASSPHRASE_FILE")
    return open_keystore(Path(keystore), passphrase).secret(KEY_NAME)


def main() -> int:
    """Run until SIGTERM or SIGINT; return 0 after a clean stop, 1 if it could not start."""
    start_log()
    stop = stop_on_signals()
    try:
        run(WorkerSettings.from_environment(), stop)
    except CoinError as error:
        _LOG.error("%s: %s", error.code, error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
