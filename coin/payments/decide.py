"""Calls `accept_run` (coin/database/schema/functions), the set-based function that decides a run (ADR 0007)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from psycopg.rows import args_row

from coin.clock import jst_date, jst_midnight_s
from coin.database.schema import names
from coin.errors import Rejection
from coin.formats import WINDOWED_NONCES_END
from coin.ledger.journal_head import Head
from coin.payments.outcomes import PaidPart
from coin.payments.submissions import Waiting
from coin.registry.books import Books
from coin.registry.quotas import SENDS_OF_WALLET, SPENDS_OF_WALLET

_LARGE_AMOUNT = 1 << 62
_LARGE_TIME_S = 1 << 41
_DECIDE = """SELECT reason, sequence, kind, merchant_number, till, parts FROM accept_run(
    %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::bytea[], %s::bytea[], %s::bytea[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bytea[], %s::integer[], %s::text[], %s::bytea[], %s::bytea[], %s::uuid[])"""


@dataclass(frozen=True, slots=True)
class Moved:
    """Accepted now: it has a number, and its lots have moved; `till` is the till of its checkout."""

    sequence: int
    kind: int
    merchant_number: int | None
    till: UUID | None
    parts: tuple[PaidPart, ...]


class Known(Enum):
    """An authorization that was accepted before; the values are those of `accept_run`."""

    SAME_AGAIN = names.SAME_AGAIN
    FOR_OTHER_CHECKOUT = names.FOR_OTHER_CHECKOUT


Decision = Moved | Known | Rejection


def decide(books: Books, head: Head, run: Sequence[Waiting], operations: Sequence[UUID]) -> list[Decision]:
    """Decide a run, move its lots, number its operations and write their chain effects; decision i is about item i."""
    rules = books.municipality.program
    signed = [item.submission.authorization for item in run]
    parameters = [
        books.municipality_code,
        head.accepted_at_ms,
        head.last_sequence,
        rules.limits.balance_yen,
        rules.limits.payment_yen,
        rules.send.max_yen_per_transfer,
        rules.send.max_yen_per_month,
        _month_start_ms(head.accepted_at_ms),
        SPENDS_OF_WALLET,
        SENDS_OF_WALLET,
        jst_midnight_s(jst_date(head.accepted_at_ms)) * 1000,
        [item.digest for item in run],
        [item.payer for item in signed],
        [item.payee for item in signed],
        [min(item.value, _LARGE_AMOUNT) for item in signed],
        [min(item.valid_after_s, _LARGE_TIME_S) for item in signed],
        [min(item.valid_before_s, _LARGE_TIME_S) for item in signed],
        [item.nonce for item in signed],
        [_window_nonce(item.nonce) for item in signed],
        [item.submission.checkout for item in run],
        [item.words for item in run],
        [item.signature for item in run],
        list(operations),
    ]
    with books.connection.cursor(row_factory=args_row(_decision)) as cursor:
        return cursor.execute(_DECIDE, parameters).fetchall()


def _decision(
    reason: int,
    sequence: int,
    kind: int,
    merchant_number: int | None,
    till: UUID | None,
    parts: Sequence[tuple[str, int, str, int]],
) -> Decision:
    if reason == Rejection.NONE:
        return Moved(sequence, kind, merchant_number, till, tuple(PaidPart(*part) for part in parts))
    return Known(reason) if reason < 0 else Rejection(reason)


def _month_start_ms(at_ms: int) -> int:
    return jst_midnight_s(jst_date(at_ms).replace(day=1)) * 1000


def _window_nonce(nonce: bytes) -> int | None:
    value = int.from_bytes(nonce, "big")
    return value if value < WINDOWED_NONCES_END else None
