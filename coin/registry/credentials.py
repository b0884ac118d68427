"""Credentials: the secrets with which tills and staff open sessions, and their revocation.

A secret has 256 random bits and is shown once, when it is made. The books keep only its SHA-256. A revoked credential opens
no session, and its sessions end in the same transaction.
"""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from coin.database.ids import new_id
from coin.errors import Conflict, InvalidInput, NotFound, Unauthorized
from coin.registry.books import Books
from coin.registry.labels import read_as
from coin.registry.personal import PersonalData

_LABEL = range(1, 41)


class Scope(StrEnum):
    """What a session may do; a wallet's session only with its wallet, a till's session only with its merchant."""

    WALLET = "wallet"
    CHECKOUT_OPEN = "checkout.open"
    CHECKOUT_READ = "checkout.read"
    PAYMENT_READ = "payment.read"


WALLET_SCOPES = frozenset({Scope.WALLET, Scope.CHECKOUT_READ, Scope.PAYMENT_READ})
TILL_SCOPES = frozenset({Scope.CHECKOUT_OPEN, Scope.CHECKOUT_READ, Scope.PAYMENT_READ})
STAFF_SCOPES = frozenset({Scope.PAYMENT_READ})


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential in the books; `till` is None for a staff member's."""

    id: UUID
    till: UUID | None
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True, repr=False)
class NewCredential:
    """A new credential with its secret, which cannot be shown again."""

    credential: Credential
    secret: str


def create_for_till(books: Books, till: UUID) -> NewCredential:
    """Make a till's credential; a till may have several.

    Raises:  NotFound (`till_unknown`).
    """
    found = books.connection.execute(
        "SELECT 1 FROM till WHERE municipality = %s AND id = %s", [books.municipality_code, till]
    ).fetchone()
    if found is None:
        raise NotFound("このレジはありません。", "There is no such till.", field="till", code="till_unknown")
    return _create(books, till, TILL_SCOPES)


def create_for_staff(
    books: Books,
    personal: PersonalData,
    label: str,
    scopes: Iterable[Scope] = STAFF_SCOPES,
) -> NewCredential:
    """Make a staff member's credential with the given scopes.

    Raises:  InvalidInput naming `label` or `scopes` (staff cannot have a wallet's or a till's scope);
             Conflict (`staff_exists`), if a credential that is not revoked has a label that looks the same.
    """
    wanted = frozenset(scopes)
    if not wanted or not wanted <= STAFF_SCOPES:
        raise InvalidInput(
            "職員に渡せない権限です。",
            "These scopes are not for staff.",
            field="scopes",
            code="scope_invalid",
        )
    if len(label) not in _LABEL or not label.isprintable():
        raise InvalidInput("名前は 1 から 40 文字です。", "A label has 1 to 40 characters.", field="label")
    _demand_new_label(books, personal, label)
    made = _create(books, None, wanted)
    personal.put(books.connection, books.municipality_code, _subject(made.credential.id), {"label": label})
    return made


def labels_of_staff(books: Books, personal: PersonalData, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return whose each credential is; one that this key does not open is left out."""
    subjects = {_subject(item): item for item in ids}
    found = personal.readable(books.connection, books.municipality_code, list(subjects))
    return {subjects[subject]: facts["label"] for subject, facts in found.items()}


def _subject(credential: UUID) -> str:
    return f"credential:{credential}"


def _demand_new_label(books: Books, personal: PersonalData, label: str) -> None:
    """Refuse a label that looks like another: a lost credential is found by its label, and the wrong one could be
    revoked."""
    books.connection.execute(
        "SELECT pg_advisory_xact_lock(hashtext('staff ' || %s))", [books.municipality_code]
    )
    rows = books.connection.execute(
        "SELECT id FROM credential WHERE municipality = %s AND kind = 'staff' AND revoked_at_ms IS NULL",
        [books.municipality_code],
    )
    labels = labels_of_staff(books, personal, [row["id"] for row in rows])
    if any(read_as(known) == read_as(label) for known in labels.values()):
        raise Conflict(
            f"「{label}」の合言葉はもうあります。なくしたのなら bandai-town credentials list の番号で取り消してから"
            "（credentials revoke）、もう1台なら別の名前で作ってください。",
            f"There is a credential for {label} already. If it is lost, revoke it first (`credentials list` shows its id); "
            "for another device give another name.",
            field="label",
            code="staff_exists",
        )


def revoke(books: Books, credential: UUID) -> None:
    """Revoke a credential for ever and end its sessions; idempotent.

    Raises:  NotFound (`credential_unknown`).
    """
    row = books.connection.execute(
        """UPDATE credential SET revoked_at_ms = coalesce(revoked_at_ms, %s)
           WHERE municipality = %s AND id = %s RETURNING id""",
        [books.now_ms(), books.municipality_code, credential],
    ).fetchone()
    if row is None:
        raise NotFound("この合言葉はありません。", "There is no such credential.", code="credential_unknown")
    books.connection.execute(
        "DELETE FROM session WHERE municipality = %s AND credential = %s",
        [books.municipality_code, credential],
    )


def live_of_till(books: Books, till: UUID) -> list[UUID]:
    """Return the credentials of a till that are not revoked."""
    rows = books.connection.execute(
        "SELECT id FROM credential WHERE municipality = %s AND till = %s AND revoked_at_ms IS NULL",
        [books.municipality_code, till],
    )
    return [row["id"] for row in rows]


def verify(books: Books, secret: str) -> Credential:
    """Return the credential of this secret; its row is locked against revocation until the transaction ends.

    Raises:  Unauthorized (`credential_invalid`), the same for an unknown and a revoked one.
    """
    row = books.connection.execute(
        """SELECT id, till, scopes, secret_hash FROM credential
           WHERE municipality = %s AND secret_hash = %s AND revoked_at_ms IS NULL FOR SHARE""",
        [books.municipality_code, hash_secret(secret)],
    ).fetchone()
    if row is None or not secrets.compare_digest(row["secret_hash"], hash_secret(secret)):
        raise Unauthorized(
            "この端末の登録が正しくないか、取り消されています。町の窓口で登録し直してください。",
            "The credential is unknown or revoked; the town makes a new one.",
            code="credential_invalid",
        )
    return Credential(row["id"], row["till"], frozenset(map(Scope, row["scopes"])))


def new_secret(prefix: str) -> str:
    """Return 256 random bits as text, with a prefix that scanners for leaked secrets recognize."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> bytes:
    """Return the hash of a secret, which the books keep."""
    return hashlib.sha256(secret.encode()).digest()


def _create(
    books: Books,
    till: UUID | None,
    scopes: frozenset[Scope],
) -> NewCredential:
    kind = "staff" if till is None else "till"
    secret = new_secret(f"bandai_{kind}")
    credential = Credential(new_id(), till, scopes)
    books.connection.execute(
        """INSERT INTO credential (municipality, id, kind, till, scopes, secret_hash, created_at_ms)
           VALUES (%s, %s, %s, %s, %s, %s, %s)""",
        [
            books.municipality_code,
            credential.id,
            kind,
            till,
            sorted(scopes),
            hash_secret(secret),
            books.now_ms(),
        ],
    )
    return NewCredential(credential, secret)
