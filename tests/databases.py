"""A database of a test's own: copied from a template, dropped when the test is done."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from coin.database.embedded import EmbeddedPostgres

_numbers = itertools.count(1)
_MEMORY = Path("/dev/shm")  # noqa: S108  (the folder inside it is made by mkdtemp)
_PREFIX = "bandai-tests-"
_ROOM_BYTES = 4 << 30


@contextmanager
def server_folder() -> Iterator[Path]:
    """A folder for the tests' server: in memory where there is room, since a copy takes three times as long on a disk."""
    is_roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES
    parent = _MEMORY if is_roomy else Path(tempfile.gettempdir())
    _remove_leftovers(parent)
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))
    folder.chmod(0o755)  # run by root, the server is another user
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(parent: Path) -> None:
    """Remove what killed test runs left; a server that lost its data ends."""
    for folder in parent.glob(f"{_PREFIX}*-*"):
        if not Path(f"/proc/{folder.name.removeprefix(_PREFIX).partition('-')[0]}").exists():
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def copied(postgres: EmbeddedPostgres, template: str) -> Iterator[str]:
    """The URL of a fresh copy, as the schema's owner. Hundreds of copies left lying would cost a minute at the end."""
    name = f"copy_{next(_numbers)}"
    with psycopg.connect(postgres.url(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        yield postgres.url(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")
