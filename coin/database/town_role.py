"""A town's own role in a database: it sees and changes the rows of its town and of no other (ADR 0029).

Decides its name, which the policies read. Refuses to know how it proves itself to the server: that is pg_hba.conf's.
"""

import psycopg

from coin.database.schema.install import town_roles


def role_of(municipality_code: str) -> str:
    """The role of the town with that code."""
    return f"bandai_{municipality_code}"


def admit_towns(url: str) -> None:
    """Make the role of every town that has books here and lacks one; `url` is of the schema's owner."""
    with psycopg.connect(url) as connection:
        connection.execute(town_roles().encode())
