"""A town's own role in a database: it sees and changes the rows of its town and of no other (ADR 0029).

Refuses to know how the role proves itself to the server: that is pg_hba.conf's.
"""

import psycopg

from coin.database.database import unavailable
from coin.database.schema.install import town_roles


def admit_towns(url: str) -> None:
    """Make the role, `bandai_<code>`, of every town that has books here and lacks one; `url` is of the schema's owner.

    Raises:  Unavailable (`database_unavailable`).
    """
    try:
        with psycopg.connect(url) as connection:
            connection.execute(town_roles().encode())
    except psycopg.OperationalError:
        raise unavailable() from None  # its text holds the URL, and that may hold a password
