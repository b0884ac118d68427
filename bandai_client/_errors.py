"""The errors of the client, all from `coin.errors`.

the gateway's error       a problem (RFC 9457) or a refused payment, by its status and its stable code
gateway_answer_wrong      an answer that is malformed or inconsistent
receipt_wrong             a receipt that the issuer did not sign for this payment
town_changed              the gateway does not serve the pinned town (see `_town`)
Unavailable               no answer: a payment may or may not have been accepted (see `_wallet`)
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
        return TooManyRequests(int(retry_after) if retry_after and retry_after.isdigit() else 1)
    kind = _BY_STATUS.get(status, CoinError)
    ja = str(problem.get("title") or f"サーバーでエラーが起きました（{status}）。")
    return kind(ja, str(problem.get("detail") or ja), field=field, code=code)
