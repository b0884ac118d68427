"""A town's own database role: it can read and change only the rows of its town (ADR 0029).

How the role authenticates is configured in pg_hba.conf, not here.
"""

import psycopg

from coin.database.place import not_connected
from coin.database.schema.install import town_roles


def admit_towns(url: str) -> None:
    """Create the role `bandai_<code>` of every town with books in this database that has none; `url` is the schema owner's.

    Raises:  Unavailable (`database_unavailable`).
    """
    try:
        with psycopg.connect(url) as connection:
            connection.execute(town_roles().encode())
    except psycopg.OperationalError as error:
        raise not_connected(error, url) from None
