"""The errors that a client meets, all of `coin.errors`.

as the gateway meant it   a problem (RFC 9457) or a refused payment, by its status and its stable code
gateway_answer_wrong      an answer that cannot be right
receipt_wrong             a receipt that is not the issuer's promise for this payment
town_changed              the gateway serves another town than the pinned one (see `_town`)
Unavailable               no answer; whether a payment was accepted is in doubt then (see `_wallet`)
"""

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
_REJECTIONS = {reason.code: reason for reason in Rejection}


def answer_wrong(about: str) -> CoinError:
    """Make the error of an answer that cannot be right."""
    return CoinError(
        "サーバーの応答が正しくありません。町の窓口にお知らせください。",
        f"The gateway's answer is not right: {about}",
        code="gateway_answer_wrong",
    )


def receipt_wrong(about: str) -> CoinError:
    """Make the error of a receipt that is not the issuer's promise for this payment."""
    return CoinError(
        "受領証が正しくありません。町の窓口にお知らせください。",
        f"The receipt is not right: {about}",
        field=about,
        code="receipt_wrong",
    )


def error_of(problem: Mapping[str, Any], status: int, retry_after: str | None = None) -> CoinError:
    """Give the error that a problem (RFC 9457), or a refused payment, stands for; its title is Japanese."""
    code = str(problem.get("code", "gateway_failed"))
    field = problem.get("field")
    field = field if isinstance(field, str) else None
    if code in _REJECTIONS:
        return Rejected(_REJECTIONS[code], field=field)
    if status == 429:
        return TooManyRequests(int(retry_after) if retry_after and retry_after.isdigit() else 1)
    kind = _BY_STATUS.get(status, CoinError)
    ja = str(problem.get("title") or f"サーバーでエラーが起きました（{status}）。")
    return kind(ja, str(problem.get("detail") or ja), field=field, code=code)
