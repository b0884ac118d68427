"""The connection pool, and the one way to open a transaction.

Decides how a process connects to PostgreSQL and what happens when that fails. Knows no table.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from coin.errors import Unavailable

Conn = psycopg.Connection[DictRow]


class Database:
    """A pool of connections to one database; rows are dictionaries."""

    def __init__(self, pool: ConnectionPool[Conn], url: str) -> None:
        self._pool = pool
        self._url = url

    @classmethod
    def open(cls, url: str, *, max_size: int = 8) -> "Database":
        """Open a pool for `url`, and check that a connection can be made.

        Raises:  Unavailable, if the server does not answer within five seconds.
        """
        options: dict[str, Any] = {"row_factory": dict_row}
        pool: ConnectionPool[Conn] = ConnectionPool(
            url,
            connection_class=psycopg.Connection[DictRow],
            kwargs=options,
            min_size=1,
            max_size=max_size,
            timeout=5.0,
            open=False,
        )
        try:
            pool.open(wait=True, timeout=5.0)
        except PoolTimeout as error:
            pool.close()
            raise unavailable() from error
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
            with self._pool.connection() as connection, connection.transaction():
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


def unavailable() -> Unavailable:
    """Return the error for a database that does not answer."""
    return Unavailable(
        "データベースに接続できません。しばらくしてからもう一度お試しください。",
        "The database does not answer.",
        code="database_unavailable",
    )
