"""A wallet's key: its address, signing a digest, and recovering the signer of a digest.

Does not decide what may be signed. The text of a key never shows its secret.

Keeps:   I-07 (one policy of signatures); I-12 (no secret in a log or an error).
Source:  SEC 1 v2 §4.1, RFC 6979.
"""

import secrets
from dataclasses import dataclass, field
from functools import cached_property

from coin import core
from coin.errors import InvalidInput, MalformedBatch, Rejected, Rejection
from coin.messages import Domain, Message, checksum_address, to_65


@dataclass(frozen=True)
class Key:
    """A secret of 32 bytes and its address."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        try:
            core.addresses(self.secret)
        except MalformedBatch:
            raise InvalidInput(
                "鍵の形が正しくありません。", "This is not a secp256k1 key.", field="key"
            ) from None
        if len(self.secret) != core.KEY_BYTES:
            raise InvalidInput("鍵は 32 バイトです。", "A key has 32 bytes.", field="key")

    @classmethod
    def create(cls) -> "Key":
        """Create a new key from the operating system's random numbers."""
        # A number outside 1 … n-1 has a chance of 2^-128 and would be refused.
        return cls(secrets.token_bytes(core.KEY_BYTES))

    @cached_property
    def address(self) -> bytes:
        """The 20 bytes of this key's address."""
        return core.addresses(self.secret)

    def sign(self, digest: bytes) -> bytes:
        """Sign 32 bytes: r ‖ s ‖ v, low s, v 27 or 28."""
        return core.sign(self.secret, digest)

    def sign_message(self, domain: Domain, message: Message) -> tuple[bytes, bytes]:
        """Return (digest, signature) of a message.

        Raises:  InvalidInput naming a wrong field.
        """
        digest = message.digest(domain)
        return digest, self.sign(digest)

    def __str__(self) -> str:
        return checksum_address(self.address)


def signer_of(digest: bytes, signature: bytes) -> bytes:
    """Return the address that signed a digest.

    Raises:  Rejected (signature_invalid), if the signature is not valid; InvalidInput, if a length is wrong.
    """
    [signer] = core.recover(digest, to_65(signature))
    if signer is None:
        raise Rejected(Rejection.SIGNATURE_INVALID, field="signature")
    return signer
