"""Time-ordered identifiers, made here and never by the database: the journal's index grows at one end only.

And codes that nobody can guess, in letters that nobody mistakes for others (Crockford's base32: no I, L, O, U).
"""

import secrets
from uuid import UUID

import uuid_utils.compat

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """A fresh UUID of version 7 (RFC 9562 §5.7)."""
    return uuid_utils.compat.uuid7()


def new_code(length: int) -> str:
    """So many random characters of Crockford's base32, 5 bits each."""
    return "".join(secrets.choice(CROCKFORD) for _ in range(length))
