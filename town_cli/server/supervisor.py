"""Runs a deployed town: the bundled database and chain, the gateway and the worker, each as a child process.

Decides the order of start and stop. Nothing is restarted silently: if one child ends, all are stopped and the reason is
printed. However this process ends, its children end too (coin/lifeline.py).
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from coin.chain.anvil import Anvil, is_port_free
from coin.chain.rpc import Rpc
from coin.chain.transactions import demand_chain
from coin.console.output import progress
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import is_newest, migrate
from coin.database.rights import demand_weak
from coin.errors import Conflict, InvalidInput, Unavailable
from coin.program import Program
from coin.registry import municipality as registry
from coin.registry.municipality import Municipality
from coin.stopping import Stop
from town_cli.server.folder import Home
from town_cli.server.lock import HeldLock, lock_to_serve
from town_cli.server.parts import Parts
from town_cli.server.processes import Child, gateway, wait_for_file, worker

_POLL_S = 0.2
_DATABASE_POLL_S = 2.0


@dataclass(frozen=True)
class Address:
    """Where the gateway listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The URL for clients on this machine."""
        return f"http://{'127.0.0.1' if self.host in ('0.0.0.0', '::') else self.host}:{self.port}"  # noqa: S104


def serve_town(
    home: Home,
    address: Address,
    passphrase: str,
    stop: Stop,
    on_ready: Callable[[], None],
) -> None:
    """Run the town until `stop` is set; call `on_ready` when everything answers.

    Must be called from the main thread.
    Raises:  InvalidInput (`host_unusable`); Conflict (`port_busy`, `already_serving`, `schema_old`, `program_differs`); InvalidInput (`chain_differs`); Forbidden
             (`database_role_strong`);
             Unauthorized (`passphrase_wrong`); Unavailable (`process_ended`, `database_ended`, `chain_ended`), if a process
             has ended or does not answer. Then everything that was started has been stopped.
    """
    program, places = home.program(), home.places()
    home.demand_finished()
    key = home.keyring.key("settler", passphrase).secret
    with lock_to_serve(home.folder) as held, ExitStack() as stack:
        _demand_free(address)
        parts = home.parts(program)
        progress("データベースを起動しています", "starting the database")
        postgres = parts.start_database(stack, is_kept=False)
        if postgres is not None:
            tell_where_books_are(home.folder, postgres)
        town = _demand_ready(parts, program, is_ours=postgres is not None)
        if places.brings_chain:
            progress("チェーンを起動しています", "starting the chain")
        chain = parts.start_chain(stack, held)
        with Rpc(places.node_url) as rpc:
            demand_chain(rpc, town.domain.chain_id)
        progress("API とワーカーを起動しています", "starting API and worker")
        children = _start_children(home, parts, address, key, held, stack)
        running = _Running(children, postgres, chain)
        wait_for_file(_ready_file(home), running.check)
        held.announce_serving()
        on_ready()
        running.watch(stop)
        progress("終了しています", "stopping")


def tell_where_books_are(folder: Path, postgres: EmbeddedPostgres) -> None:
    """Warn if the books are not in the town's folder: a copy of the folder does not contain them."""
    if not postgres.home.is_relative_to(folder.resolve()):
        progress(
            f"root で動かしているので、台帳は町のフォルダーではなく {postgres.home} にあります。控えにはここも入れてください",
            f"run by root, the books are not in the town's folder but in {postgres.home}; copy that too",
        )


@dataclass
class _Running:
    """Everything that was started, and the time of the last check of the database."""

    children: list[Child]
    postgres: EmbeddedPostgres | None
    chain: Anvil | None
    _asked_at: float = 0.0

    def watch(self, stop: Stop) -> None:
        """Wait until `stop` is set. Raises: as `check`."""
        while not stop.wait(_POLL_S):
            self.check()

    def check(self) -> None:
        """Check that everything runs. Raises: Unavailable."""
        for child in self.children:
            child.check()
        if self.chain is not None and not self.chain.is_running:
            raise Unavailable("チェーンが止まりました。", "The chain has ended.", code="chain_ended")
        if self.postgres is not None and time.monotonic() - self._asked_at > _DATABASE_POLL_S:
            self._asked_at = time.monotonic()
            if not self.postgres.is_running():
                raise Unavailable(
                    "データベースが止まりました。", "The database has ended.", code="database_ended"
                )


def _start_children(
    home: Home, parts: Parts, address: Address, key: bytes, held: HeldLock, stack: ExitStack
) -> list[Child]:
    places = home.places()
    logs = home.folder / "logs"
    logs.mkdir(mode=0o700, exist_ok=True)
    ready = _ready_file(home)
    ready.unlink(missing_ok=True)
    environment = {
        "BANDAI_DATABASE_URL": parts.url_without_password,
        "BANDAI_PROGRAM": str(home.program_path.resolve()),
    }
    if places.clock_file:
        environment["BANDAI_CLOCK"] = places.clock_file
    receipt_key = home.receipts_key_path.resolve()
    programs = [
        worker(environment, rpc_url=places.node_url, key=key, logs=logs),
        gateway(
            environment, host=address.host, port=address.port, receipt_key=receipt_key, ready=ready, logs=logs
        ),
    ]
    children = [Child(program, lock=held.descriptor) for program in programs]
    for child in children:
        stack.callback(child.stop)
        child.start()
    return children


def _ready_file(home: Home) -> Path:
    return home.folder.resolve() / "logs" / "gateway.port"


def _demand_free(address: Address) -> None:
    if not is_port_free(address.port, address.host):
        if not is_port_free(0, address.host):
            raise InvalidInput(
                f"{address.host} はこの機械のアドレスではありません。--host を確かめてください。",
                f"{address.host} is not an address of this machine; check --host.",
                field="host",
                code="host_unusable",
            )
        raise Conflict(
            f"{address.host} のポート {address.port} は使われています。--port で別の番号を選んでください。",
            f"Port {address.port} of {address.host} is in use; choose another with --port.",
            field="port",
            code="port_busy",
        )


def _demand_ready(parts: Parts, program: Program, *, is_ours: bool) -> Municipality:
    if is_ours:
        migrate(parts.owner_url)
    elif not is_newest(parts.url):
        raise Conflict(
            "台帳の形が古いままです。bandai-town migrate を実行してください。",
            "The books have an old schema: run bandai-town migrate.",
            code="schema_old",
        )
    demand_weak(parts.url, program.municipality.code)
    database = Database.open(parts.url)
    try:
        with database.transaction() as connection:
            return registry.load(connection, program.municipality.code, program)
    finally:
        database.close()
