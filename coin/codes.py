"""Random codes that nobody can guess, in characters that are hard to confuse (Crockford's base32: no I, L, O, U)."""

import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CHECKOUT_LENGTH = 26


def new_code(length: int) -> str:
    """So many random characters, 5 bits each."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))


def new_checkout_id() -> str:
    """Return the id of a checkout: 130 random bits."""
    return new_code(_CHECKOUT_LENGTH)
