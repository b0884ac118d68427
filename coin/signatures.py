"""Checks many signed messages of one type in one call of the core. Reads no stored data."""

from collections.abc import Sequence
from dataclasses import dataclass

from coin import core
from coin.errors import InvalidInput, Rejected
from coin.messages import WORD, Domain, MessageType, to_65

_NO_SIGNATURE = bytes(65)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of 64 or 65 bytes, and the address that made it."""

    signer: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """The words of a message, with its signature and the claimed signer."""

    words: bytes
    signature: bytes
    signer: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """The result: the digest, and the signature as r ‖ s ‖ v with v 27 or 28, or None if it is not valid."""

    digest: bytes
    signature: bytes | None


def check_signatures(domain: Domain, message: MessageType, rows: Sequence[Signed]) -> list[Checked]:
    """Check N signatures; result i is only about item i.

    Raises:  MalformedBatch, if the words do not fit this message.
    Keeps:   I-07: low s only, v 27 or 28 (0 and 1 are normalized), the signer is the recovered address.
    """
    if not rows:
        return []
    columns = [
        b"".join(row.words[at : at + WORD] for row in rows)
        for at in range(0, len(message.fields) * WORD, WORD)
    ]
    digests = core.digests(domain.separator, message.type_hash, columns)
    signatures = [_normal(row.signature) for row in rows]
    verdicts = core.verify(digests, b"".join(signatures), b"".join(row.signer for row in rows))
    return [
        Checked(digest, signature if is_good else None)
        for digest, signature, is_good in zip(core.split(digests, WORD), signatures, verdicts, strict=True)
    ]


def _normal(signature: bytes) -> bytes:
    try:
        return to_65(signature)
    except (InvalidInput, Rejected):
        return _NO_SIGNATURE
