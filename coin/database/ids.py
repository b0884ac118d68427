"""Time-ordered identifiers, so that indexes grow at one end. They are made here and never by the database."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Return a fresh UUID of version 7 (RFC 9562 §5.7)."""
    return uuid_utils.compat.uuid7()
