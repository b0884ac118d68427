"""The errors of the client, all from `coin.errors`.

the gateway's error       a problem (RFC 9457) or a refused payment, by its status and its stable code
gateway_answer_wrong      an answer that is malformed or inconsistent
receipt_wrong             a receipt that the issuer did not sign for this payment
clock_wrong               this machine's clock is far from the town's
town_changed              the gateway does not serve the pinned town (see `_town`)
Unavailable               no answer
payment_in_doubt          PaymentInDoubt: no answer to a payment, or none that proves anything (see `_outstanding`)
"""

import re
from collections.abc import Mapping
from typing import Any

from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    Rejection,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

_BY_STATUS: Mapping[int, type[CoinError]] = {
    400: InvalidInput,
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: InvalidInput,
    422: InvalidInput,
}
_SECONDS = re.compile("[0-9]{1,6}")
_REJECTIONS = {reason.code: reason for reason in Rejection}


class PaymentInDoubt(Unavailable):
    """A signed payment was sent, and nothing proves whether it was accepted; `cause` is what came instead of a proof."""

    code = "payment_in_doubt"

    def __init__(self, cause: CoinError) -> None:
        super().__init__(
            "支払いは届いたかもしれません。現金で払わず、お店のレジの画面を確かめてください。もう一度同じ操作をすると、"
            f"前回の支払いを先に確かめます（二重には払いません）。（{cause.ja}）",
            "The payment may have arrived. Do not pay in cash; look at the shop's till. If you do the same again, the outcome "
            f"of this payment is found out first, and nothing is paid twice. ({cause.en})",
        )
        self.cause = cause


def clock_wrong(behind_ms: int) -> CoinError:
    """Return the error for a machine whose clock is so far behind the town's (or ahead of it, if negative)."""
    hours, minutes = divmod(round(abs(behind_ms) / 60_000), 60)
    return CoinError(
        f"この端末の時計が町より {hours}時間{minutes}分{'遅れて' if behind_ms > 0 else '進んで'}います。日付と時刻を合わせてから、もう一度お試しください。",
        f"This machine's clock is {hours} h {minutes} min {'behind' if behind_ms > 0 else 'ahead of'} the town's; set date and time, then try again.",
        code="clock_wrong",
    )


def answer_wrong(about: str) -> CoinError:
    """Return the error for an answer that is malformed or inconsistent."""
    return CoinError(
        "サーバーの応答が正しくありません。町の窓口にお知らせください。",
        f"The gateway's answer is not valid: {about}",
        code="gateway_answer_wrong",
    )


def receipt_wrong(about: str) -> CoinError:
    """Return the error for a receipt that the issuer did not sign for this payment."""
    return CoinError(
        "受領証が正しくありません。町の窓口にお知らせください。",
        f"The receipt is not valid: {about}",
        field=about,
        code="receipt_wrong",
    )


def error_of(problem: Mapping[str, Any], status: int, retry_after: str | None = None) -> CoinError:
    """Return the error for a problem (RFC 9457) or a refused payment; its title is Japanese."""
    code = str(problem.get("code", "gateway_failed"))
    field = problem.get("field")
    field = field if isinstance(field, str) else None
    if code in _REJECTIONS:
        return Rejected(_REJECTIONS[code], field=field)
    if status == 429:
        return TooManyRequests(int(retry_after) if retry_after and _SECONDS.fullmatch(retry_after) else 1)
    kind = _BY_STATUS.get(status, CoinError)
    ja = str(problem.get("title") or f"サーバーでエラーが起きました（{status}）。")
    return kind(ja, str(problem.get("detail") or ja), field=field, code=code)
