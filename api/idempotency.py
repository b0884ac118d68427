"""Idempotency keys: a creation that is sent twice happens once. The key and the first answer are stored with what was
created.

A key belongs to one caller. The same key with another request is an error; requests are compared by a keyed digest, because
they can hold a person's name, which a plain digest lets anybody guess. An answer that is an error is not stored, because it
changed nothing. Keys are kept for at least a day.
"""

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from api.gateway import Gateway
from coin.errors import Conflict, InvalidInput
from coin.registry.books import Books
from coin.registry.sessions import Principal

KEPT_MS = 86_400_000
NAME = "Idempotency-Key"
LONGEST = 64
_KEY = re.compile(rf"[!-~]{{1,{LONGEST}}}", re.ASCII)
PARAMETER = {
    "required": True,
    "schema": {"type": "string", "pattern": f"^{_KEY.pattern}$", "minLength": 1, "maxLength": LONGEST},
}
"""What the document says of the header; for FastAPI it is optional, because we answer a missing one ourselves."""
Answer = TypeVar("Answer", bound=BaseModel)


def idempotency_key(
    key: Annotated[
        str | None,
        Header(
            alias=NAME,
            description=f"1 to {LONGEST} printable ASCII characters, drawn anew for each creation.",
        ),
    ] = None,
) -> str:
    """Return the key that came with the request.

    Raises:  InvalidInput (`idempotency_key_missing`, `idempotency_key_invalid`).
    """
    if key is None:
        raise InvalidInput(
            "Idempotency-Key がありません。",
            f"{NAME} is missing.",
            field=NAME,
            code="idempotency_key_missing",
        )
    if not _KEY.fullmatch(key):
        raise InvalidInput(
            "Idempotency-Key は半角 1 から 64 文字です。",
            f"{NAME} has 1 to 64 printable ASCII characters.",
            field=NAME,
            code="idempotency_key_invalid",
        )
    return key


Key = Annotated[str, Depends(idempotency_key)]


def once(
    gateway: Gateway,
    principal: Principal,
    key: str,
    request: tuple[str, BaseModel],
    answer_type: type[Answer],
    create: Callable[[Books], Answer],
) -> Answer:
    """Create, or return the first answer again; `request` is the path and the body that the key belongs to.

    The answer is stored, so that it must not hold personal data.

    Raises:  Conflict (`idempotency_key_reused`); whatever `create` raises, and then the key can be used again.
    """
    path, body = request
    digest = hmac.digest(gateway.digest_key, f"{path}\n{body.model_dump_json()}".encode(), "sha256")
    with gateway.books() as books:
        _lock(books, principal, key)
        stored = _stored(books, principal, key)
        if stored is None:
            answer = create(books)
            _store(books, principal, key, digest, answer)
            return answer
        if stored.request_digest != digest:
            raise Conflict(
                "この Idempotency-Key はほかの内容で使われています。",
                f"The {NAME} was used for another request.",
                field=NAME,
                code="idempotency_key_reused",
            )
    return answer_type.model_validate(stored.response)


@dataclass(frozen=True, slots=True)
class _FirstAnswer:
    """The request that a key was used for, and its first answer."""

    request_digest: bytes
    response: object


def _lock(books: Books, principal: Principal, key: str) -> None:
    name = f"idempotency {books.municipality_code} {principal.subject} {key}"
    books.connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [name])


def _stored(books: Books, principal: Principal, key: str) -> _FirstAnswer | None:
    books.connection.execute(
        "DELETE FROM idempotency_key WHERE municipality = %s AND principal = %s AND created_at_ms < %s",
        [books.municipality_code, principal.subject, books.now_ms() - KEPT_MS],
    )
    with books.connection.cursor(row_factory=class_row(_FirstAnswer)) as rows:
        return rows.execute(
            """SELECT request_digest, response FROM idempotency_key
               WHERE municipality = %s AND principal = %s AND key = %s""",
            [books.municipality_code, principal.subject, key],
        ).fetchone()


def _store(books: Books, principal: Principal, key: str, digest: bytes, answer: BaseModel) -> None:
    books.connection.execute(
        """INSERT INTO idempotency_key (municipality, principal, key, request_digest, status, response, created_at_ms)
           VALUES (%s, %s, %s, %s, 201, %s, %s)""",
        [
            books.municipality_code,
            principal.subject,
            key,
            digest,
            Jsonb(answer.model_dump(mode="json")),
            books.now_ms(),
        ],
    )
