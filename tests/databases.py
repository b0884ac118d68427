"""A database of a test's own: copied from a template, dropped when the test is done."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from coin.database.embedded import EmbeddedPostgres

_numbers = itertools.count(1)


@contextmanager
def copied(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The URL of a fresh copy, as the schema's owner. Hundreds of copies left lying would cost a minute at the end."""
    name = f"copy_{next(_numbers)}"
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield postgres.url(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
