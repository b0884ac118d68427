"""Signatures of the tests, made by eth-account, which shares no code with ours: one function for every kind of message."""

from collections.abc import Sequence
from functools import lru_cache

from coin.messages import Domain, Message
from coin.signatures import Signature
from tests.worlds.people import Signer, account_of, address_of


@lru_cache(
    4096
)  # towns are opened by the same messages again and again, and a signature is the same each time
def sign(domain: Domain, message: Message, who: Signer) -> bytes:
    """65 bytes r ‖ s ‖ v over a message, as any wallet signs it."""
    signed = account_of(who).sign_typed_data(full_message=message.typed_data(domain))
    return bytes(signed.signature)


def signatures(domain: Domain, message: Message, names: Sequence[Signer]) -> tuple[Signature, ...]:
    """Return what each of these people signed, in their order."""
    return tuple(Signature(address_of(name), sign(domain, message, name)) for name in names)
