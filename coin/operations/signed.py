"""Verifies the signatures of the office's messages, many in one call of the core, and makes records of them."""

from collections.abc import Sequence

from coin.errors import Rejected, Rejection
from coin.ledger.posting import SignedRecord
from coin.messages import Message
from coin.registry.municipality import Municipality
from coin.signatures import Checked, Signature, Signed, check_signatures


def check_record(
    municipality: Municipality, message: Message, signatures: Sequence[Signature]
) -> SignedRecord:
    """Verify every signature over the message; return the record for the chain.

    Raises:  Rejected (`signature_invalid`), if one is invalid or there is none.
    """
    [record] = check_records(municipality, [message], [signatures])
    if record is None:
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    return record


def check_records(
    municipality: Municipality, messages: Sequence[Message], signatures: Sequence[Sequence[Signature]]
) -> list[SignedRecord | None]:
    """Verify many messages of one type, each with its signatures; None for a message with an invalid signature or none.

    Raises:  InvalidInput naming the field, if a value cannot be signed.
    """
    words = [message.words for message in messages]
    rows = [
        Signed(row, item.signature, item.signer)
        for row, mine in zip(words, signatures, strict=True)
        for item in mine
    ]
    checked = iter(check_signatures(municipality.domain, messages[0].TYPE, rows) if rows else [])
    return [
        _record(row, mine, [next(checked) for _ in mine]) for row, mine in zip(words, signatures, strict=True)
    ]


def _record(words: bytes, signatures: Sequence[Signature], checked: Sequence[Checked]) -> SignedRecord | None:
    made = [item.signature for item in checked if item.signature is not None]
    if not checked or len(made) != len(checked):
        return None
    signers = b"".join(item.signer for item in signatures)
    return SignedRecord(words, b"".join(made), signers, digest=checked[0].digest)
