"""Pairing codes: a short code that the town gives to a shop and that a till exchanges for a credential, once.

A person types the code, so it is short: 12 characters of Crockford's base32, 60 random bits. It is valid for 15 minutes and
for one use, a till has at most one, and the gateway allows one guess a second from an address. If 10,000 addresses guess all
the time in a town with 100 open codes, they find one with a probability of 9 · 10⁸ / 2⁶⁰, less than one in a thousand
million. The books keep its SHA-256: with a copy of the books one would have to try 2⁵⁹ codes within the 15 minutes.
"""

from dataclasses import dataclass
from uuid import UUID

from coin.codes import new_code
from coin.errors import Unauthorized
from coin.registry.books import Books
from coin.registry.credentials import hash_secret
from coin.registry.tills import Till

CODE_LENGTH = 12
LIFE_MS = 15 * 60_000
_GROUP = 4


@dataclass(frozen=True, slots=True, repr=False)
class PairingCode:
    """A new code, which cannot be shown again; `text` is in groups, for reading out."""

    code: str
    expires_at_ms: int

    @property
    def text(self) -> str:
        """The code in groups of four, for example `7Q4M-V0XH-2KTB`."""
        return "-".join(self.code[at : at + _GROUP] for at in range(0, CODE_LENGTH, _GROUP))


def make(books: Books, till: Till) -> PairingCode:
    """Make a till's code; an earlier code of the till becomes invalid, and expired codes are deleted."""
    now_ms = books.now_ms()
    books.connection.execute(
        "DELETE FROM pairing WHERE municipality = %s AND expires_at_ms <= %s",
        [books.municipality_code, now_ms],
    )
    made = PairingCode(new_code(CODE_LENGTH), now_ms + LIFE_MS)
    books.connection.execute(
        """INSERT INTO pairing (municipality, till, code_hash, expires_at_ms) VALUES (%s, %s, %s, %s)
           ON CONFLICT (municipality, till) DO UPDATE
           SET code_hash = excluded.code_hash, expires_at_ms = excluded.expires_at_ms""",
        [books.municipality_code, till.id, hash_secret(made.code), made.expires_at_ms],
    )
    return made


def use(books: Books, code: str) -> UUID:
    """Use a code up, and return its till.

    Raises:  Unauthorized (`pairing_code_invalid`), the same for an unknown, a used and an expired one.
    """
    used = books.connection.execute(
        """DELETE FROM pairing WHERE municipality = %s AND code_hash = %s AND expires_at_ms > %s RETURNING till""",
        [books.municipality_code, hash_secret(code), books.now_ms()],
    ).fetchone()
    if used is None:
        raise Unauthorized(
            "ペアリングの番号が違うか、期限が過ぎています。町の窓口で新しい番号を受け取ってください。",
            "The pairing code is wrong, used or expired; ask the town for a new one.",
            field="code",
            code="pairing_code_invalid",
        )
    till: UUID = used["till"]
    return till


@dataclass(frozen=True, slots=True)
class TillState:
    """A till of the town; `code_until_ms` is None unless a code is waiting to be used."""

    till: Till
    is_paired: bool
    code_until_ms: int | None


def states(books: Books) -> list[TillState]:
    """Return every till by shop and label, with whether a device is paired or a code is waiting."""
    rows = books.connection.execute(
        """SELECT t.id, t.merchant_number, t.label, p.expires_at_ms AS code_until_ms,
                  EXISTS (SELECT FROM credential c WHERE c.municipality = t.municipality AND c.till = t.id
                          AND c.revoked_at_ms IS NULL) AS is_paired
           FROM till t
           LEFT JOIN pairing p ON p.municipality = t.municipality AND p.till = t.id AND p.expires_at_ms > %s
           WHERE t.municipality = %s ORDER BY t.merchant_number, t.label""",
        [books.now_ms(), books.municipality_code],
    )
    return [
        TillState(
            Till(row["id"], row["merchant_number"], row["label"]), row["is_paired"], row["code_until_ms"]
        )
        for row in rows
    ]
