"""Turns an error into an answer: the status from the catalogue, a body as RFC 9457 defines it.

The title is Japanese, the detail is English, the code is for programs. No value from the request is repeated.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from api.catalogue import catalogue, type_of
from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    QuotaUsed,
    Rejected,
    TooManyRequests,
    Unauthorized,
    Unavailable,
)

MEDIA_TYPE = "application/problem+json"
_ENDS_THE_CONNECTION = ("body_too_slow", "framing_ambiguous")

_BY_CLASS: tuple[tuple[type[CoinError], int], ...] = (
    (InvalidInput, 400),
    (Unauthorized, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Rejected, 422),
    (TooManyRequests, 429),
    (Unavailable, 503),
)


class FieldProblem(BaseModel):
    """One of several wrong fields."""

    model_config = ConfigDict(extra="forbid")
    field: str
    code: str
    title: str
    detail: str


class Problem(BaseModel):
    """An error (RFC 9457): `title` is Japanese, `detail` is English, `code` is stable; `field` names what is wrong."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(
        description="the page about the code, on this gateway",
        json_schema_extra={"format": "uri-reference"},
        examples=["/v1/errors/insufficient_balance"],
    )
    title: str
    detail: str
    status: int = Field(ge=400, le=599)
    code: str
    field: str | None = None
    errors: list[FieldProblem] | None = None


class InvalidRequest(InvalidInput):
    """Several fields of a request are wrong."""

    def __init__(self, errors: Sequence[FieldProblem]) -> None:
        first = errors[0]
        super().__init__(first.title, first.detail, field=first.field)
        self.errors = errors


def status_of(error: CoinError) -> int:
    """Return the HTTP status of an error: from the catalogue by its code, else by its class."""
    entry = catalogue().get(error.code)
    if entry is not None and entry.status is not None:
        return entry.status
    return next(status for kind, status in _BY_CLASS if isinstance(error, kind))


def body_of(error: CoinError) -> dict[str, Any]:
    """Return the body of an error without null members."""
    problem = Problem(
        type=type_of(error.code),
        title=error.ja,
        detail=error.en,
        status=status_of(error),
        code=error.code,
        field=error.field,
        errors=list(error.errors) if isinstance(error, InvalidRequest) else None,
    )
    return problem.model_dump(exclude_none=True)


def response_of(error: CoinError) -> JSONResponse:
    """Return the answer for an error."""
    body = body_of(error)
    headers = {"cache-control": "no-store"}
    if isinstance(error, Unauthorized):
        headers["www-authenticate"] = "Bearer"
    if isinstance(error, (TooManyRequests, QuotaUsed)):
        headers["retry-after"] = str(error.retry_after_s)
    if error.code in _ENDS_THE_CONNECTION:
        headers["connection"] = "close"
    if isinstance(error, Unavailable):
        headers["retry-after"] = "2"
    return JSONResponse(body, status_code=body["status"], media_type=MEDIA_TYPE, headers=headers)


class InternalError(CoinError):
    """An unexpected error; its place is in the log, not in the answer."""

    code = "internal_error"

    def __init__(self) -> None:
        super().__init__("予期しない問題が起きました。", "An unexpected error; it was recorded.")


INVALID = (InvalidInput.code,)
BODY = (InvalidInput.code, "body_malformed", "body_too_large", "body_too_slow", "content_type_unsupported")
SESSION = ("unauthorized", "session_invalid", "forbidden")
KEYED = ("idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused")
_EVERYWHERE = ("header_repeated", "framing_ambiguous", "internal_error", "database_unavailable")


def declared(*codes: str | Iterable[str]) -> dict[int | str, dict[str, Any]]:
    """Return the errors of a route for the OpenAPI document: each status with its possible codes."""
    by_status: dict[int, list[str]] = {}
    flat = [code for group in codes for code in ([group] if isinstance(group, str) else group)]
    for code in dict.fromkeys([*flat, *_EVERYWHERE]):
        by_status.setdefault(catalogue()[code].status or 0, []).append(code)
    return {status: _response(by_status[status]) for status in sorted(by_status)}


def _response(codes: list[str]) -> dict[str, Any]:
    schema = {
        "allOf": [{"$ref": "#/components/schemas/Problem"}],
        "properties": {"code": {"type": "string", "enum": codes}},
    }
    return {"description": ", ".join(codes), "content": {MEDIA_TYPE: {"schema": schema}}}
