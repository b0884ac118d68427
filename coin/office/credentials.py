"""Issues credentials to tills and staff, lists and revokes them; every change writes an audit row.

The secret is in the answer once and nowhere else. No person sees a till's secret: the clerk gets a pairing code, and the
till exchanges it for the credential. Keeps I-12.
"""

from dataclasses import dataclass
from uuid import UUID

from coin.registry import audit, pairing, tills
from coin.registry import credentials as registry
from coin.registry.books import Books
from coin.registry.credentials import NewCredential
from coin.registry.pairing import PairingCode
from coin.registry.personal import PersonalData
from coin.registry.tills import Till


@dataclass(frozen=True, slots=True)
class Listed:
    """A credential without its secret; `merchant_number` is None for a staff member's."""

    id: UUID
    kind: str
    label: str
    merchant_number: int | None
    created_at_ms: int
    revoked_at_ms: int | None


def open_till(books: Books, merchant: int, label: str, *, actor: str) -> tuple[Till, PairingCode]:
    """Create a till, with a pairing code for its device.

    Raises:  InvalidInput (`label`); NotFound (`merchant_unknown`); Conflict (`till_exists`).
    """
    till = tills.create(books, merchant, label)
    _note(books, actor, "till_opened", till.id)
    return till, pairing.make(books, till)


def renew_pairing(books: Books, merchant: int, label: str, *, actor: str) -> tuple[Till, PairingCode]:
    """Make a new pairing code for a till, because its device is replaced or its code has expired.

    Raises:  NotFound (`till_unknown`).
    """
    till = tills.labelled(books, merchant, label)
    _note(books, actor, "till_pairing_renewed", till.id)
    return till, pairing.make(books, till)


def pair_till(books: Books, code: str) -> tuple[Till, NewCredential]:
    """Exchange a pairing code for the till's credential. A till is one device: the credential of an earlier one is revoked.

    Raises:  Unauthorized (`pairing_code_invalid`).
    """
    till = tills.get(books, pairing.use(books, code))
    actor = f"till {till.id}"
    for earlier in registry.live_of_till(books, till.id):
        revoke(books, earlier, actor=actor)
    made = registry.create_for_till(books, till.id)
    _note(books, actor, "till_paired", made.credential.id)
    return till, made


def admit_staff(books: Books, personal: PersonalData, label: str, *, actor: str) -> NewCredential:
    """Make the credential of a staff member. Raises: InvalidInput (`label`); Conflict (`staff_exists`)."""
    made = registry.create_for_staff(books, personal, label)
    _note(books, actor, "staff_admitted", made.credential.id)
    return made


def revoke(books: Books, credential: UUID, *, actor: str) -> None:
    """Revoke a credential and end its sessions. Raises: NotFound (`credential_unknown`)."""
    registry.revoke(books, credential)
    _note(books, actor, "credential_revoked", credential)


def all_credentials(books: Books, personal: PersonalData) -> list[Listed]:
    """Return every credential, those of tills by shop first; a staff member's has no label if `personal` does not open it."""
    rows = books.connection.execute(
        """SELECT c.id, c.kind, t.label, t.merchant_number, c.created_at_ms, c.revoked_at_ms
           FROM credential c LEFT JOIN till t ON t.municipality = c.municipality AND t.id = c.till
           WHERE c.municipality = %s ORDER BY t.merchant_number, c.created_at_ms, c.id""",
        [books.municipality_code],
    ).fetchall()
    labels = registry.labels_of_staff(books, personal, [row["id"] for row in rows])
    return [Listed(**{**row, "label": row["label"] or labels.get(row["id"], "")}) for row in rows]


def _note(books: Books, actor: str, action: str, subject: UUID) -> None:
    audit.record(
        books.connection,
        books.municipality_code,
        at_ms=books.now_ms(),
        actor=actor,
        action=action,
        subject=str(subject),
    )
