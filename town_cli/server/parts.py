"""The bundled parts of a town: the embedded database and, in a demo, a local chain.

Decides when they run: during one command, or as long as `serve`. A town whose town.json names its own servers has no bundled
parts, and nothing is started for it.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from coin.chain.anvil import Anvil, AnvilOptions
from coin.chain.rpc import Rpc
from coin.clock import Clock
from coin.database.embedded import EmbeddedPostgres
from coin.database.place import OWNER, PROCESSES, with_password
from coin.errors import CoinError, InvalidInput
from town_cli.server.lock import HeldLock, lock_for_command

NAME = "bandai"
_OWNER, _APPLICATION = "postgres", "bandai_app"


@dataclass(frozen=True)
class Places:
    """Where database and node are. Without `database_url` the database is embedded; with `brings_chain` the node at
    `node_url` is the bundled chain.

    `database_url` is for our processes, `database_owner_url` for `deploy` and `migrate` alone. Neither has a password.
    """

    node_url: str
    database_url: str | None = None
    database_owner_url: str | None = None
    clock_file: str | None = None
    brings_chain: bool = False


class Parts:
    """The database and the chain of the town in one folder."""

    def __init__(self, folder: Path, places: Places, clock: Clock) -> None:
        self._folder = folder
        self._places = places
        self._clock = clock
        self._postgres = EmbeddedPostgres(folder / "postgres")

    @property
    def owner_url(self) -> str:
        """The database URL of the schema's owner, with its password; only `deploy` and `migrate` ask for it.

        Raises:  InvalidInput (`database_owner_missing`).
        """
        if self._places.database_url is None:
            return self._postgres.url(NAME, _OWNER)
        if self._places.database_owner_url is None:
            raise owner_missing()
        return with_password(self._places.database_owner_url, OWNER, os.environ)

    @property
    def url(self) -> str:
        """The database URL of our processes, with its password."""
        return with_password(self.url_without_password, PROCESSES, os.environ)

    @property
    def url_without_password(self) -> str:
        """The database URL of our processes, as other processes get it."""
        return self._places.database_url or self._postgres.url(NAME, _APPLICATION)

    @contextmanager
    def for_a_command(self, *, chain: bool = False) -> Iterator[None]:
        """Run the bundled parts while the caller works; parts that run already are used and keep running.

        Raises:  Unavailable; Conflict (`town_busy`).
        """
        if self._places.database_url is not None and not self._places.brings_chain:
            yield
            return
        with lock_for_command(self._folder) as held, ExitStack() as stack:
            if held is not None:
                self.start_database(stack)
                if chain:
                    self.start_chain(stack, held)
            yield

    def start_database(self, stack: ExitStack, *, is_kept: bool = True) -> EmbeddedPostgres | None:
        """Start the embedded server, to be stopped with the stack; with `is_kept`, one that runs already keeps running."""
        if self._places.database_url is not None:
            return None
        was_running = self._postgres.is_running()
        if not (was_running and is_kept):
            stack.callback(self._postgres.stop)
        self._postgres.start()
        self._postgres.create_database(NAME)
        return self._postgres

    def start_chain(self, stack: ExitStack, held: HeldLock) -> Anvil | None:
        """Start the bundled chain, to be stopped with the stack; one that answers at its address already is used."""
        if not self._places.brings_chain or self._chain_answers():
            return None
        options = AnvilOptions(
            state=self._folder / "chain.json",
            timestamp_s=self._clock.now_ms() // 1000,
            ends_with_parent=True,
            inherits=(held.descriptor,),
        )
        anvil = Anvil(options, port=urlsplit(self._places.node_url).port)
        stack.callback(anvil.stop)  # before the start, which may be interrupted
        anvil.start()
        return anvil

    def _chain_answers(self) -> bool:
        with Rpc(self._places.node_url, timeout_s=2.0) as rpc:
            try:
                rpc.call("eth_chainId")
            except CoinError:
                return False
        return True


def owner_missing() -> InvalidInput:
    """Return the error for a town whose database has no owner's URL."""
    return InvalidInput(
        "台帳の持ち主の URL がありません。--database にはプロセスの役割、--database-owner には持ち主の役割の URL を指定してください"
        "（docs/operations.md）。",
        "The URL of the books' owner is missing: --database names the role of the processes, --database-owner that of the owner "
        "(docs/operations.md).",
        field="database-owner",
        code="database_owner_missing",
    )
