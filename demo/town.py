"""A running town: a database, a chain, a gateway and a worker, each a process on loopback.

Everything is stored under one folder; `power_cut` kills all four at once, and `power_back`, called from the main thread,
starts them again on the same ports and files. They end with the demo, however it ends. Keys are made here and stay on this
disk, readable only by their owner.
"""

import os
import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from coin import core
from coin.chain.anvil import Anvil, AnvilOptions, free_port
from coin.chain.rpc import Rpc
from coin.clock import Clock, FileClock, move_clock_to
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.database.migrate import migrate
from coin.program import Program, load_program
from coin.registry.books import Books, open_books
from coin.registry.municipality import Municipality
from coin.signatory import Signatory, StaffPair
from town_cli.server.foundation import Offices, open_town
from town_cli.server.lock import HeldLock
from town_cli.server.processes import Child, gateway, wait_for_file, worker

_DATABASE = "bandai"


@dataclass(frozen=True)
class OfficeKeys:
    """The keys that staff hold on their own machine."""

    staff: StaffPair
    cashier: Signatory
    channels: dict[str, Signatory]


class Town:
    """One demo town in one folder."""

    def __init__(self, folder: Path, example: Path, held: HeldLock) -> None:
        self.folder = folder
        self._held = held
        self.program_path = example / "program.toml"
        self.merchants_path = example / "merchants.csv"
        self.program: Program = load_program(self.program_path)
        self.keys = OfficeKeys(
            staff=StaffPair(_new_key(), _new_key()),
            cashier=_new_key(),
            channels={channel.id: _new_key() for channel in self.program.channels},
        )
        self._clock_path = folder / "clock.json"
        self._postgres = EmbeddedPostgres(folder / "postgres")
        self._anvil: Anvil | None = None
        self._gateway_port = free_port()
        self._children: tuple[Child, ...] = ()
        self.database: Database
        self.municipality: Municipality

    @property
    def clock(self) -> Clock:
        """The clock that every process of the town reads."""
        return FileClock(self._clock_path)

    def books(self) -> AbstractContextManager[Books]:
        """Open the books in a transaction."""
        return open_books(self.database, self.municipality, self.clock)

    @property
    def gateway_url(self) -> str:
        """The gateway's URL."""
        return f"http://127.0.0.1:{self._gateway_port}"

    @property
    def node_url(self) -> str:
        """The chain's JSON-RPC URL."""
        return self._node.url

    @property
    def _node(self) -> Anvil:
        if self._anvil is None:
            raise RuntimeError("the town has not been opened")
        return self._anvil

    def set_time(self, moment: datetime) -> None:
        """Set the town's clock; it continues from there."""
        move_clock_to(self._clock_path, int(moment.timestamp() * 1000))

    def open(self, moment: datetime) -> None:
        """Start everything at `moment`, deploy the contract and open the books."""
        self.set_time(moment)
        self._postgres.start()
        self._postgres.create_database(_DATABASE)
        migrate(self._postgres.url(_DATABASE))
        self._anvil = Anvil(
            AnvilOptions(
                state=self.folder / "chain.json",
                timestamp_s=self._now_s(),
                ends_with_parent=True,
                inherits=(self._held.descriptor,),
            )
        )
        self._anvil.start()
        self.database = Database.open(self._application_url())
        settler, receipts = _new_key(), _new_key()
        with Rpc(self.node_url) as rpc:
            offices = self._offices(settler.address, receipts.address)
            self.municipality = open_town(self.database, rpc, self.clock, self.program, offices)
        self._children = self._make_children(settler.secret, receipts.secret)
        self._start_children()

    def power_cut(self) -> None:
        """Kill gateway, worker, chain and database without warning."""
        for child in self._children:
            child.kill()
        self._node.kill()
        self._postgres.kill()

    def power_back(self) -> None:
        """Start everything again on the same ports and files."""
        self._postgres.start()
        self._node.start(self._now_s())
        self.database.close()
        self.database = Database.open(self._application_url())
        self._start_children()

    def close(self) -> None:
        """Stop everything cleanly."""
        for child in self._children:
            child.stop()
        if self._anvil is not None:
            self._anvil.stop()
        self._postgres.stop()

    def _now_s(self) -> int:
        return self.clock.now_ms() // 1000

    def _application_url(self) -> str:
        return self._postgres.url(_DATABASE, user="bandai_app")

    def _offices(self, settler: bytes, receipts: bytes) -> Offices:
        return Offices(
            deployer=_new_key().secret,
            staff=self.keys.staff,
            pauser=_new_key().address,
            settler=settler,
            receipts=receipts,
            cashier=self.keys.cashier.address,
            grants=_new_key().address,
            channels={name: key.address for name, key in self.keys.channels.items()},
        )

    def _make_children(self, settler: bytes, receipts: bytes) -> tuple[Child, Child]:
        shared = {
            "BANDAI_DATABASE_URL": self._application_url(),
            "BANDAI_PROGRAM": str(self.program_path),
            "BANDAI_CLOCK": str(self._clock_path),
            "BANDAI_RATE_PER_ADDRESS": "100000",  # all callers of the demo have this machine's address
        }
        serving = gateway(
            shared,
            host="127.0.0.1",
            port=self._gateway_port,
            receipt_key=_write_key(self.folder / "receipts.key", receipts),
            ready=self.folder / "gateway.port",
            logs=self.folder,
        )
        settling = worker(shared, rpc_url=self.node_url, key=settler, logs=self.folder)
        lock = self._held.descriptor
        return Child(serving, lock=lock), Child(settling, lock=lock)

    def _start_children(self) -> None:
        ready = self.folder / "gateway.port"
        ready.unlink(missing_ok=True)
        for child in self._children:
            child.start()
        wait_for_file(ready, self.check)

    def check(self) -> None:
        """Check that gateway and worker are alive. Raises: Unavailable."""
        for child in self._children:
            child.check()


def _new_key() -> Signatory:
    return Signatory(secrets.token_bytes(core.KEY_BYTES))


def _write_key(path: Path, secret: bytes) -> Path:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write("0x" + secret.hex())
    return path
