"""Sessions: authentication of callers. A wallet signs a challenge, a till or a staff member presents a credential.

A challenge is random, for one wallet, for two minutes and for one use. It is signed under the domain of the municipality's
contract and names that contract as its audience, so that a signature for another audience is useless here. A token has 256
random bits and is valid for minutes; the books keep only its SHA-256.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from coin import core, messages
from coin.errors import Rejected, Unauthorized
from coin.messages import checksum_address, to_65
from coin.registry.books import Books
from coin.registry.credentials import WALLET_SCOPES, Scope, hash_secret, new_secret, verify
from coin.registry.municipality import Municipality

CHALLENGE_LIFE_S = 120
SESSION_LIFE_S = 900
_TOKEN_PREFIX = "bandai_session"  # noqa: S105


class PrincipalKind(StrEnum):
    """The type of a caller."""

    WALLET = "wallet"
    TILL = "till"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of one request: exactly one of a wallet, a till (with its merchant) or a staff member."""

    kind: PrincipalKind
    scopes: frozenset[Scope]
    wallet: bytes | None = None
    till: UUID | None = None
    merchant_number: int | None = None
    credential: UUID | None = None

    @property
    def subject(self) -> str:
        """A stable string for this caller, the same across sessions."""
        owner = self.wallet.hex() if self.wallet is not None else str(self.till or self.credential)
        return f"{self.kind}:{owner}"


@dataclass(frozen=True, slots=True)
class Challenge:
    """The challenge that a wallet signs to open a session."""

    challenge: bytes
    audience: str
    issued_at_s: int
    expires_at_s: int


@dataclass(frozen=True, slots=True, repr=False)
class Session:
    """A new session with its token, which cannot be shown again."""

    token: str
    expires_at_s: int
    scopes: frozenset[Scope]


def audience(municipality: Municipality) -> str:
    """Return the audience of sessions: the municipality's contract, as CAIP-10 writes it."""
    domain = municipality.domain
    return f"eip155:{domain.chain_id}:{checksum_address(domain.verifying_contract)}"


def issue_challenge(books: Books, wallet: bytes) -> Challenge:
    """Issue a challenge to a wallet, registered or not; delete expired ones."""
    now_s = books.now_ms() // 1000
    books.connection.execute(
        "DELETE FROM session_challenge WHERE municipality = %s AND expires_at_s <= %s",
        [books.municipality_code, now_s],
    )
    made = Challenge(secrets.token_bytes(32), audience(books.municipality), now_s, now_s + CHALLENGE_LIFE_S)
    books.connection.execute(
        """INSERT INTO session_challenge (municipality, challenge, wallet, issued_at_s, expires_at_s)
           VALUES (%s, %s, %s, %s, %s)""",
        [books.municipality_code, made.challenge, wallet, made.issued_at_s, made.expires_at_s],
    )
    return made


def open_by_wallet(
    books: Books,
    *,
    wallet: bytes,
    challenge: bytes,
    issued_at_s: int,
    expires_at_s: int,
    signature: bytes,
) -> Session:
    """Open a session for the wallet that signed its challenge. The signature is verified before stored data are read.

    Raises:  Unauthorized (`session_signature_invalid`), if the wallet did not sign exactly this challenge;
             Unauthorized (`challenge_invalid`), if the challenge is unknown, used, expired or another wallet's.
    """
    _check_signature(books.municipality, wallet, challenge, issued_at_s, expires_at_s, signature)
    now_s = books.now_ms() // 1000
    used = books.connection.execute(
        """DELETE FROM session_challenge WHERE municipality = %s AND challenge = %s AND wallet = %s
           AND issued_at_s = %s AND expires_at_s = %s AND expires_at_s > %s RETURNING challenge""",
        [books.municipality_code, challenge, wallet, issued_at_s, expires_at_s, now_s],
    ).fetchone()
    if used is None:
        raise Unauthorized(
            "このチャレンジは使えません。もう一度やり直してください。",
            "The challenge is unknown, used or expired.",
            code="challenge_invalid",
        )
    return _open(books, now_s, wallet=wallet, scopes=WALLET_SCOPES)


def open_by_credential(books: Books, secret: str) -> Session:
    """Open a session for a till or a staff member.

    Raises:  Unauthorized (`credential_invalid`).
    """
    credential = verify(books, secret)
    now_s = books.now_ms() // 1000
    return _open(books, now_s, credential=credential.id, scopes=credential.scopes)


def principal_of(books: Books, token: str) -> Principal:
    """Return the caller of this token's session.

    Raises:  Unauthorized (`session_invalid`), the same for an unknown, an expired and a revoked one.
    """
    token_hash = hash_secret(token)
    row = books.connection.execute(
        """SELECT s.token_hash, s.wallet, s.scopes, s.credential, c.till, t.merchant_number
           FROM session s
           LEFT JOIN credential c ON c.municipality = s.municipality AND c.id = s.credential
           LEFT JOIN till t ON t.municipality = c.municipality AND t.id = c.till
           WHERE s.municipality = %s AND s.token_hash = %s AND s.expires_at_s > %s AND c.revoked_at_ms IS NULL""",
        [books.municipality_code, token_hash, books.now_ms() // 1000],
    ).fetchone()
    if row is None or not secrets.compare_digest(row["token_hash"], token_hash):
        raise Unauthorized(
            "ログインの有効時間が過ぎたか、無効です。",
            "The session is unknown, expired or ended.",
            code="session_invalid",
        )
    return Principal(
        kind=_kind_of(row["wallet"], row["till"]),
        scopes=frozenset(map(Scope, row["scopes"])),
        wallet=row["wallet"],
        till=row["till"],
        merchant_number=row["merchant_number"],
        credential=row["credential"],
    )


def close(books: Books, token: str) -> None:
    """End the session of this token; an unknown token is ignored."""
    books.connection.execute(
        "DELETE FROM session WHERE municipality = %s AND token_hash = %s",
        [books.municipality_code, hash_secret(token)],
    )


def _check_signature(
    municipality: Municipality,
    wallet: bytes,
    challenge: bytes,
    issued_at_s: int,
    expires_at_s: int,
    signature: bytes,
) -> None:
    message = messages.Session(
        audience=audience(municipality),
        wallet=wallet,
        challenge=challenge,
        issued_at_s=issued_at_s,
        expires_at_s=expires_at_s,
    )
    try:
        full = to_65(signature)
    except Rejected as error:
        raise _bad_signature() from error
    if not core.verify(message.digest(municipality.domain), full, wallet)[0]:
        raise _bad_signature()


def _bad_signature() -> Unauthorized:
    return Unauthorized(
        "署名が正しくありません。",
        "The wallet did not sign this challenge for this municipality.",
        field="signature",
        code="session_signature_invalid",
    )


def _kind_of(wallet: bytes | None, till: UUID | None) -> PrincipalKind:
    if wallet is not None:
        return PrincipalKind.WALLET
    return PrincipalKind.TILL if till is not None else PrincipalKind.STAFF


def _open(
    books: Books,
    now_s: int,
    *,
    scopes: frozenset[Scope],
    wallet: bytes | None = None,
    credential: UUID | None = None,
) -> Session:
    books.connection.execute(
        "DELETE FROM session WHERE municipality = %s AND expires_at_s <= %s", [books.municipality_code, now_s]
    )
    made = Session(new_secret(_TOKEN_PREFIX), now_s + SESSION_LIFE_S, scopes)
    books.connection.execute(
        """INSERT INTO session (municipality, token_hash, wallet, credential, scopes, expires_at_s)
           VALUES (%s, %s, %s, %s, %s, %s)""",
        [
            books.municipality_code,
            hash_secret(made.token),
            wallet,
            credential,
            sorted(scopes),
            made.expires_at_s,
        ],
    )
    return made
