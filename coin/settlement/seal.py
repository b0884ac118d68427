"""Seals waiting operations into batches: reads committed chain effects in order, cuts a run, encodes it, stores it.

Knows no network. Numbers are given without gaps under the lock of the journal's head. So committed rows that follow the last
sealed one without a gap are complete: nothing can still be committed below them.
"""

from coin.chain.calldata import calldata_of
from coin.database.database import Conn, Database
from coin.errors import InvariantBroken
from coin.ledger import batches, chain_effects
from coin.settlement import batch_steps
from coin.settlement.cut import MAX_OPERATIONS, Waiting, due_run


def seal_due(database: Database, municipality_code: str, now_ms: int, *, force: bool = False) -> int:
    """Seal every run that is due, each in its own transaction; `force` ignores the time.

    Returns: how many batches were made.
    Keeps:   I-04. Concurrent callers cannot seal an operation twice: the unique keys of batches refuse the second.
    """
    made = 0
    while _seal_one(database, municipality_code, now_ms, force=force):
        made += 1
    return made


def _seal_one(database: Database, municipality_code: str, now_ms: int, *, force: bool) -> bool:
    with database.transaction() as conn:
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('seal ' || %s))", [municipality_code])
        tip = batches.tip(conn, municipality_code)
        waiting = _waiting(conn, municipality_code, tip.last_sequence)
        run = due_run(waiting, last_as_of_s=tip.as_of_s, now_ms=now_ms, force=force)
        if run is None:
            return False
        if run.first_sequence != tip.last_sequence + 1:
            raise InvariantBroken("a number of the journal is missing before the first operation that waits")
        effects = chain_effects.effects(conn, municipality_code, run.first_sequence, run.last_sequence)
        calldata = calldata_of(tip.number + 1, tip.last_chain_sequence + 1, run.as_of_s, effects)
        batch_steps.insert_sealed(conn, municipality_code, tip.number + 1, run, calldata, now_ms=now_ms)
    return True


def _waiting(conn: Conn, municipality_code: str, after_sequence: int) -> list[Waiting]:
    rows = conn.execute(
        """SELECT sequence, kind, accepted_at_ms, words FROM chain_effect
           WHERE municipality = %s AND sequence > %s ORDER BY sequence LIMIT %s""",
        [municipality_code, after_sequence, MAX_OPERATIONS + 1],
    )
    return [Waiting(**row) for row in rows]
