"""One set-based statement decides a run: `accept_run` in the migrations. Here it gets its parameters (ADR 0007)."""

from collections.abc import Sequence
from typing import Any

from coin.clock import jst_date, jst_midnight_s
from coin.ledger.journal_head import Head
from coin.messages import WINDOWED_NONCES_END
from coin.payments.submissions import Waiting
from coin.registry.books import Books

SAME_AGAIN = -1
OTHER_CHECKOUT = -2
_LARGE_AMOUNT = 1 << 62
_LARGE_TIME_S = 1 << 41
_DECIDE = """SELECT * FROM accept_run(
    %s, %s, %s, %s, %s, %s, %s, %s, %s::bytea[], %s::bytea[], %s::bytea[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::bytea[], %s::integer[], %s::text[], %s::bytea[], %s::bytea[], %s::uuid[])"""


def decide(
    books: Books,
    head: Head,
    run: Sequence[Waiting],
    operations: Sequence[object],
) -> list[dict[str, Any]]:
    """Decide a run, move its lots, number its operations and write their chain effects; row i is about item i.

    Returns: rows whose `reason` is 0 (accepted now), SAME_AGAIN, OTHER_CHECKOUT, or a rung of the ladder.
    """
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
    return books.connection.execute(_DECIDE, parameters).fetchall()


def _month_start_ms(at_ms: int) -> int:
    return jst_midnight_s(jst_date(at_ms).replace(day=1)) * 1000


def _window_nonce(nonce: bytes) -> int | None:
    value = int.from_bytes(nonce, "big")
    return value if value < WINDOWED_NONCES_END else None
