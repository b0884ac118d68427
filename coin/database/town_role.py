"""A town's own database role: it can read and change only the rows of its town (ADR 0029).

How the role authenticates is configured in pg_hba.conf, not here.
"""

import psycopg

from coin.database.place import not_connected
from coin.database.schema.install import town_roles


def admit_towns(url: str, opening: str = "") -> None:
    """Create the role `bandai_<code>` of every town with books in this database, and of the town that is being opened, if it
    has none; `url` is the schema owner's.

    Raises:  Unavailable (`database_unavailable` and others of coin/database/place.py).
    """
    try:
        with psycopg.connect(url) as connection:
            connection.execute("SELECT set_config('bandai.opening', %s, true)", [opening])
            connection.execute(town_roles().encode())
    except psycopg.OperationalError as error:
        raise not_connected(error, url) from None
