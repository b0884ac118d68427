"""Signed messages of the office: one signature of a role holder, or two of distinct staff over the same words."""

from collections.abc import Sequence

from coin.database.database import Conn
from coin.errors import Rejected, Rejection
from coin.ledger.posting import SignedRecord
from coin.messages import Message
from coin.registry import signers
from coin.registry.municipality import Municipality
from coin.registry.signers import Signer, SignerRole
from coin.signatures import Signature, Signed, check_signatures


def check_record(
    municipality: Municipality,
    message: Message,
    signatures: Sequence[Signature],
    *,
    context: bytes = b"",
) -> tuple[bytes, SignedRecord]:
    """Check every signature over the message; gives the digest and what the chain will replay.

    Raises:  Rejected (`signature_invalid`), if one is not good.
    """
    words = message.words
    rows = [Signed(words, item.signature, item.signer) for item in signatures]
    checked = check_signatures(municipality.domain, message.TYPE, rows)
    made = [item.signature for item in checked]
    if not made or None in made:
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    record = SignedRecord(
        words=words,
        signatures=b"".join(item for item in made if item is not None),
        signers=b"".join(item.signer for item in signatures),
        context=context,
    )
    return checked[0].digest, record


def demand_two_staff(
    connection: Conn, municipality: Municipality, signatures: Sequence[Signature], nonce: int
) -> Signer:
    """Demand two distinct signers with role staff, and a free nonce of the first.

    Returns: the first, whose nonce is to be used.
    Raises:  Rejected (`signer_not_authorized`, `nonce_out_of_window`, `nonce_used`).
    """
    first = demand_staff(connection, municipality, signatures)
    signers.demand_nonce(first, nonce)
    return first


def demand_staff(connection: Conn, municipality: Municipality, signatures: Sequence[Signature]) -> Signer:
    """Demand two distinct signers with role staff; returns the first. Raises: Rejected (`signer_not_authorized`)."""
    if len({item.signer for item in signatures}) != 2 or len(signatures) != 2:
        raise Rejected(Rejection.SIGNER_NOT_AUTHORIZED, field="signatures")
    found = [signers.find(connection, municipality.code, item.signer) for item in signatures]
    for signer in found:
        signers.demand_role(signer, SignerRole.STAFF)
    return found[0]
