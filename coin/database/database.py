"""The connection pool, and the one way to open a transaction.

Decides how a process connects to PostgreSQL and what happens when that fails. A connection is asked before it is given out, so
that nobody meets one that has died while the server was away. Knows no table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from coin.database.place import PASSING, not_connected
from coin.errors import Unavailable

Conn = psycopg.Connection[DictRow]
_PATIENCE_S = 5.0
# After this, a failed connection is no longer tried in the background, and the next caller tries at once: the pool's own pauses
# grow up to minutes, in which a server that is well again would not be noticed.
_GIVE_UP_S = 1.0


class Database:
    """A pool of connections to one database; rows are dictionaries."""

    def __init__(self, pool: ConnectionPool[Conn], url: str) -> None:
        self._pool = pool
        self._url = url

    @classmethod
    def open(cls, url: str, *, max_size: int = 8) -> "Database":
        """Open a pool for `url`, and check that a connection can be made.

        Raises:  Unavailable, if that fails for five seconds; it says what is wrong and where, which is not for callers of the
                 gateway.
        """
        _demand_welcome(url)
        options: dict[str, Any] = {"row_factory": dict_row, "connect_timeout": int(_PATIENCE_S)}
        pool: ConnectionPool[Conn] = ConnectionPool(
            url,
            connection_class=psycopg.Connection[DictRow],
            kwargs=options,
            min_size=1,
            max_size=max_size,
            timeout=_PATIENCE_S,
            reconnect_timeout=_GIVE_UP_S,
            open=False,
        )
        try:
            pool.open(wait=True, timeout=_PATIENCE_S)
        except PoolTimeout:
            pool.close()
            _demand_welcome(url, is_patient=False)
            raise unavailable() from None  # it answers now, too late
        return cls(pool, url)

    @property
    def url(self) -> str:
        """The database URL, for a connection outside the pool, such as one that listens."""
        return self._url

    @contextmanager
    def transaction(self) -> Iterator[Conn]:
        """Yield a connection in a transaction: committed at the end, rolled back by any exception.

        Raises:  Unavailable, if the server does not answer. Then nothing of this transaction is stored, unless the
                 connection broke during the commit itself; for that case operations are idempotent.
        """
        try:
            with self._living() as connection, connection.transaction():
                yield connection
        except (psycopg.OperationalError, PoolTimeout) as error:
            if (
                isinstance(error, psycopg.errors.Error)
                and error.sqlstate
                and not error.sqlstate.startswith("57P")
            ):
                raise
            raise unavailable() from error

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    @contextmanager
    def _living(self) -> Iterator[Conn]:
        """Yield a connection that has just answered. If one is dead, all that wait in the pool are replaced: they most likely
        died together."""
        connection = self._pool.getconn()
        try:
            self._pool.check_connection(connection)
        except psycopg.OperationalError:
            self._pool.putconn(connection)
            self._pool.drain()
            connection = self._pool.getconn()
        try:
            with connection:
                yield connection
        finally:
            self._pool.putconn(connection)


def _demand_welcome(url: str, *, is_patient: bool = True) -> None:
    """Raise what keeps this URL from being connected; with `is_patient`, only what no waiting will mend."""
    try:
        psycopg.connect(url, connect_timeout=int(_PATIENCE_S)).close()
    except psycopg.OperationalError as error:
        wrong = not_connected(error, url)
        if not (is_patient and wrong.code in PASSING):
            raise wrong from None


def unavailable() -> Unavailable:
    """Return the error for a database that does not answer, in words for everybody: they name no place."""
    return Unavailable(
        "データベースに接続できません。しばらくしてからもう一度お試しください。",
        "The database does not answer.",
        code="database_unavailable",
    )
