"""The folder of a town on the staff's machine: its rules, its keys, and where database and node are.

town.json          where the database and the node are (without passwords), and the contract and receipts key that were deployed (pinned)
program.toml       the rules in force
keys/*.json        one encrypted keystore for each office; one passphrase opens those of this machine
receipts.key       for the gateway process, 0600
personal.key       for the encrypted personal data, 0600
postgres/          the embedded database, unless town.json names a database server
chain.json         the bundled chain of a demo
unfinished         while deploy waits for gas money
logs/              the logs of the processes of `serve`
"""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from coin.chain.rpc import Rpc
from coin.chain.transactions import demand_chain
from coin.clock import Clock, open_clock
from coin.database.database import Database
from coin.database.place import demand_without_secret
from coin.database.rights import said_if_forbidden
from coin.errors import Conflict, InvalidInput, NotFound
from coin.keyring import Keyring
from coin.messages import checksum_address, parse_address
from coin.parsing import parse_json, read_file
from coin.program import Program, load_program
from coin.registry import municipality as registry
from coin.registry.books import Books, open_books
from coin.registry.municipality import Municipality, Pin
from town_cli.server.parts import Parts, Places


@dataclass(frozen=True)
class OpenTown:
    """A town with open books, for one command."""

    database: Database
    municipality: Municipality
    clock: Clock
    places: Places

    def books(self) -> AbstractContextManager[Books]:
        """Open the books in a transaction."""
        return open_books(self.database, self.municipality, self.clock)


class Home:
    """One town's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def program_path(self) -> Path:
        """The rules in force."""
        return self.folder / "program.toml"

    @property
    def data_folder(self) -> Path:
        """The folder of the embedded database."""
        return self.folder / "postgres"

    @property
    def keyring(self) -> Keyring:
        """The keystores of the offices."""
        return Keyring(self.folder / "keys")

    @property
    def receipts_key_path(self) -> Path:
        """The key with which the gateway signs receipts."""
        return self.folder / "receipts.key"

    @property
    def personal_key_path(self) -> Path:
        """The key of the encrypted personal data."""
        return self.folder / "personal.key"

    def create(self, program_source: bytes, places: Places) -> None:
        """Create the folder of a new town.

        Raises:  Conflict (`town_exists`, `keys_exist`): no town and no key is ever overwritten.
        """
        if (self.folder / "town.json").exists():
            raise Conflict(
                f"{self.folder} にはすでに町があります。",
                f"There is a town in {self.folder}.",
                code="town_exists",
            )
        if self.keyring.folder.exists():
            raise Conflict(
                f"{self.keyring.folder} に鍵があります。別の --home を選んでください。",
                f"There are keys in {self.keyring.folder}; choose another --home.",
                code="keys_exist",
            )
        self.keyring.folder.mkdir(mode=0o700, parents=True)
        self.folder.chmod(0o700)
        self.program_path.write_bytes(program_source)
        self._write_private("town.json", json.dumps(asdict(places), indent=1))

    @property
    def is_unfinished(self) -> bool:
        """Whether `deploy` has made keys here and waits for gas money."""
        return self._unfinished.exists()

    @property
    def _unfinished(self) -> Path:
        return self.folder / "unfinished"

    def leave_unfinished(self) -> None:
        """Keep what `deploy` has made, so that it can be run again and goes on."""
        self._unfinished.touch(mode=0o600)

    def finish(self) -> None:
        """Record that the town is open."""
        self._unfinished.unlink(missing_ok=True)

    def demand_same(self, program_source: bytes, places: Places) -> None:
        """Check that an unfinished town is continued as it was begun. Raises: Conflict (`deploy_differs`); as `places`."""
        if self.program_path.read_bytes() != program_source or self.places() != places:
            raise Conflict(
                f"{self.folder} には、別の決まりか別の場所で始めた町の鍵があります。同じ命令で続けるか、別の --home を選んでください。",
                f"In {self.folder} are the keys of a town that was begun with other rules or places: continue with the same"
                " command, or choose another --home.",
                code="deploy_differs",
            )

    def demand_finished(self) -> None:
        """Check that no deployment waits here. Raises: NotFound (`town_unfinished`)."""
        if self.is_unfinished:
            raise NotFound(
                f"{self.folder} の町はまだ開いていません。入金してから bandai-town deploy をもう一度実行してください。",
                f"The town in {self.folder} is not open yet: send the gas money, then run bandai-town deploy again.",
                code="town_unfinished",
            )

    def create_for_reading(self, program_source: bytes, places: Places, pin: Pin | None) -> None:
        """Create the folder of somebody who only reads the books: rules, places and pin, and no keys."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.program_path.write_bytes(program_source)
        self._write_private("town.json", json.dumps(asdict(places), indent=1))
        if pin is not None:
            self.write_pin(pin)

    def discard(self) -> None:
        """Delete the files of a failed deployment, so that it can be tried again. No database is touched."""
        shutil.rmtree(self.keyring.folder, ignore_errors=True)
        for name in ("town.json", "town.json.new", "program.toml", "receipts.key", "personal.key"):
            (self.folder / name).unlink(missing_ok=True)

    def places(self) -> Places:
        """Return where database and node are.

        Raises:  NotFound (`town_missing`), if no town was deployed here; InvalidInput (`town_file_invalid`,
                 `password_in_url`).
        """
        return self._read_town()[0]

    def pin(self) -> Pin | None:
        """Return the pinned contract and receipts key; None, if an earlier release made the folder. Raises: as `places`."""
        return self._read_town()[1]

    def write_pin(self, pin: Pin) -> None:
        """Pin the town, once; the file is replaced atomically.

        Raises:  Conflict (`town_pinned`); as `places`.
        """
        places, known = self._read_town()
        if known is not None:
            raise Conflict(
                "この町のコントラクトと受領証の鍵は固定済みです。",
                "The town's contract and receipts key are pinned already.",
                code="town_pinned",
            )
        pinned = {
            "chain_id": pin.chain_id,
            "contract": checksum_address(pin.contract),
            "receipt_key": checksum_address(pin.receipt_key),
        }
        (self.folder / "town.json.new").unlink(missing_ok=True)
        self._write_private("town.json.new", json.dumps({**asdict(places), "pinned": pinned}, indent=1))
        (self.folder / "town.json.new").replace(self.folder / "town.json")

    def _read_town(self) -> tuple[Places, Pin | None]:
        try:
            content = parse_json(read_file(self.folder / "town.json"))
            pinned = content.pop("pinned", None)
            places, pin = Places(**content), None if pinned is None else _pin(pinned)
        except FileNotFoundError:
            raise NotFound(
                f"{self.folder} に町がありません。bandai-town deploy から始めてください。",
                f"There is no town in {self.folder}; begin with bandai-town deploy.",
                code="town_missing",
            ) from None
        except (AttributeError, InvalidInput, KeyError, OSError, TypeError, ValueError):
            raise InvalidInput(
                f"{self.folder / 'town.json'} を読めません。",
                f"{self.folder / 'town.json'} cannot be read.",
                field="town.json",
                code="town_file_invalid",
            ) from None
        for url in (places.database_url, places.database_owner_url):
            if url is not None:
                demand_without_secret(url, "town.json")
        return places, pin

    def program(self) -> Program:
        """Return the rules in force."""
        return load_program(self.program_path)

    def clock(self, program: Program) -> Clock:
        """Return the clock that every process of the town reads. Raises: Forbidden (`demo_clock_refused`)."""
        name = self.places().clock_file
        return open_clock(Path(name) if name else None, is_demo=program.municipality.is_demo)

    def parts(self, program: Program) -> Parts:
        """Return the bundled database and chain, not started yet."""
        return Parts(self.folder, self.places(), self.clock(program))

    @contextmanager
    def open(self, *, chain: bool = False) -> Iterator[OpenTown]:
        """Yield the town with open books; with `chain` the bundled chain is started too, if there is one.

        Raises:  NotFound (`town_missing`); Unavailable; Conflict (`program_differs`, `town_busy`); Forbidden
                 (`database_right_missing`).
        """
        places, program = self.places(), self.program()
        self.demand_finished()
        parts = self.parts(program)
        with parts.for_a_command(chain=chain), said_if_forbidden(parts.url):
            database = Database.open(parts.url)
            try:
                with database.transaction() as connection:
                    municipality = registry.load(connection, program.municipality.code, program)
                yield OpenTown(database, municipality, self.clock(program), places)
            finally:
                database.close()

    @contextmanager
    def open_with_node(self) -> Iterator[tuple[OpenTown, Rpc]]:
        """Yield the town with open books and a connection to its node.

        Raises:  as `open`; InvalidInput (`chain_differs`), if the node follows another chain.
        """
        with self.open(chain=True) as town, Rpc(town.places.node_url) as rpc:
            demand_chain(rpc, town.municipality.domain.chain_id)
            yield town, rpc

    def write_secret_file(self, name: str, secret: bytes) -> None:
        """Write a key, readable only by its owner, for a process that starts unattended."""
        self._write_private(name, "0x" + secret.hex())

    def _write_private(self, name: str, text: str) -> None:
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def _pin(pinned: dict[str, Any]) -> Pin:
    addresses = {name: parse_address(pinned[name], name) for name in ("contract", "receipt_key")}
    return Pin(chain_id=int(pinned["chain_id"]), **addresses)
