"""Submissions: signed authorizations, and the check of their signatures. Source: EIP-3009."""

from collections.abc import Sequence
from dataclasses import dataclass

from coin.messages import TransferWithAuthorization
from coin.payments.runs import Sides
from coin.registry.municipality import Municipality
from coin.signatures import Signed, check_signatures


@dataclass(frozen=True, slots=True)
class Authorization(TransferWithAuthorization):
    """An EIP-3009 TransferWithAuthorization with its payer's signature, which has 64 or 65 bytes."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """An authorization, and the checkout that it pays, if any."""

    authorization: Authorization
    checkout: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A submission with a valid signature."""

    place: int
    submission: Submission
    words: bytes
    digest: bytes
    signature: bytes

    @property
    def sides(self) -> Sides:
        """The fields on which the cut of the list depends."""
        signed = self.submission.authorization
        return Sides(signed.payer, signed.payee, signed.nonce, self.submission.checkout)


def with_good_signature(municipality: Municipality, submissions: Sequence[Submission]) -> list[Waiting]:
    """Return the submissions with a valid signature, with their positions in the list. Reads no stored data.

    Raises:  InvalidInput, if a field does not fit its type.
    """
    words = [submission.authorization.words for submission in submissions]
    rows = [
        Signed(row, submission.authorization.signature, submission.authorization.payer)
        for row, submission in zip(words, submissions, strict=True)
    ]
    checked = check_signatures(municipality.domain, TransferWithAuthorization.TYPE, rows)
    return [
        Waiting(place, submission, row, found.digest, found.signature)
        for place, (submission, row, found) in enumerate(zip(submissions, words, checked, strict=True))
        if found.signature is not None
    ]
