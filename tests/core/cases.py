"""Signed cases for the tests of the core, made with coincurve and eth-keys, never with the core itself."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from coincurve import PrivateKey, PublicKey
from eth_keys import keys as eth_keys

ORDER = 2**256 - 432420386565659656852420866394968145599
FIELD = 2**256 - 2**32 - 977


@dataclass(frozen=True)
class Case:
    """One signature with everything that was used to make it."""

    secret: bytes
    digest: bytes
    signature: bytes
    signer: bytes


def secret_of(number: int) -> bytes:
    """A secret key that depends on the number only."""
    return hashlib.sha256(b"secret %d" % number).digest()


def digest_of(number: int) -> bytes:
    """A digest that depends on the number only."""
    return hashlib.sha256(b"digest %d" % number).digest()


def address_of(public: PublicKey) -> bytes:
    """The address of a public key, by eth-keys."""
    return eth_keys.PublicKey(public.format(compressed=False)[1:]).to_canonical_address()


def case(key: int, message: int) -> Case:
    """One good signature, by coincurve, with v 27 or 28."""
    private = PrivateKey(secret_of(key))
    digest = digest_of(message)
    raw = private.sign_recoverable(digest, hasher=None)
    return Case(secret_of(key), digest, raw[:64] + bytes([27 + raw[64]]), address_of(private.public_key))


def cases(count: int, keys: int) -> list[Case]:
    """Good signatures over distinct digests, by so many keys in turn."""
    return [case(number % keys, number) for number in range(count)]


def join(rows: Iterator[bytes] | list[bytes]) -> bytes:
    """A column of rows."""
    return b"".join(rows)


def columns(some: list[Case]) -> tuple[bytes, bytes, bytes]:
    """Digests, signatures and signers of the cases, as columns."""
    return join([c.digest for c in some]), join([c.signature for c in some]), join([c.signer for c in some])


def with_s(signature: bytes, s: int, v: int) -> bytes:
    """The signature with another s and v."""
    return signature[:32] + s.to_bytes(32, "big") + bytes([v])


def s_of(signature: bytes) -> int:
    """The number s of the signature."""
    return int.from_bytes(signature[32:64], "big")
