"""The folder of a town on the staff's machine: its rules, where its parts are, its keys.

town.json          where the database and the node are
program.toml       the rules in force
keys/*.json        one encrypted keystore for each office; one passphrase opens those of this machine
receipts.key       for the gateway's process, 0600
personal.key       for the encrypted rows, 0600
postgres/          the embedded database, unless town.json names another server
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from coin.clock import Clock, open_clock
from coin.database.database import Database
from coin.database.embedded import EmbeddedPostgres
from coin.errors import Conflict, NotFound
from coin.keystore import open_keystore, write_keystore
from coin.program import Program, load_program
from coin.registry import municipality as registry
from coin.registry.municipality import Municipality
from town_cli.signing import Signatory

_NAME = "bandai"
_OWNER, _APPLICATION = "postgres", "bandai_app"


@dataclass(frozen=True)
class Places:
    """Where the parts are; no database_url: the embedded server in the town's own folder."""

    node_url: str
    database_url: str | None = None
    clock_file: str | None = None


@dataclass(frozen=True)
class OpenTown:
    """A town whose books are open for one command."""

    database: Database
    municipality: Municipality
    clock: Clock
    places: Places


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
        """Where the embedded database stands."""
        return self.folder / "postgres"

    @property
    def personal_key_path(self) -> Path:
        """The key of the encrypted rows."""
        return self.folder / "personal.key"

    def create(self, program_source: bytes, places: Places) -> None:
        """Make the folder for a new town.

        Raises:  Conflict (`town_exists`), if there is one already.
        """
        if (self.folder / "town.json").exists():
            raise Conflict(
                f"{self.folder} にはすでに町があります。",
                f"There is a town in {self.folder}.",
                code="town_exists",
            )
        (self.folder / "keys").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        self.program_path.write_bytes(program_source)
        (self.folder / "town.json").write_text(json.dumps(asdict(places), indent=1), encoding="utf-8")

    def places(self) -> Places:
        """Where the parts are.

        Raises:  NotFound (`town_missing`), if no town was deployed here.
        """
        try:
            return Places(**json.loads((self.folder / "town.json").read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise NotFound(
                f"{self.folder} に町がありません。bandai-town deploy から始めてください。",
                f"There is no town in {self.folder}; begin with bandai-town deploy.",
                code="town_missing",
            ) from None

    def program(self) -> Program:
        """The rules in force."""
        return load_program(self.program_path)

    @contextmanager
    def database_urls(self) -> Iterator[tuple[str, str]]:
        """The URLs for the schema's owner and for our processes; the embedded server runs meanwhile."""
        places = self.places()
        if places.database_url is not None:
            yield places.database_url, places.database_url
            return
        server = EmbeddedPostgres(self.data_folder)
        was_running = server.is_running()
        server.start()
        server.create_database(_NAME)
        try:
            yield server.url(_NAME, _OWNER), server.url(_NAME, _APPLICATION)
        finally:
            if not was_running:
                server.stop()

    @contextmanager
    def open(self) -> Iterator[OpenTown]:
        """The town with its books open.

        Raises:  NotFound (`town_missing`); Unavailable; Conflict (`program_differs`).
        """
        places, program = self.places(), self.program()
        with self.database_urls() as (_, url):
            database = Database.open(url)
            try:
                with database.transaction() as connection:
                    municipality = registry.load(connection, program.municipality.code, program)
                clock_path = Path(places.clock_file) if places.clock_file else None
                clock = open_clock(clock_path, is_demo=municipality.is_demo)
                yield OpenTown(database, municipality, clock, places)
            finally:
                database.close()

    # ------------------------------------------------------------ keys

    def write_key(self, office: str, key: Signatory, passphrase: str) -> None:
        """Encrypt the key of one office into a keystore of its own."""
        self.write_keys(office, {office: key.secret}, passphrase)

    def write_keys(self, name: str, secrets_by_name: Mapping[str, bytes], passphrase: str) -> None:
        """Encrypt several keys into one keystore."""
        write_keystore(self._keystore(name), secrets_by_name, passphrase)

    def key(self, office: str, passphrase: str) -> Signatory:
        """The key of one office.

        Raises:  NotFound (`keystore_missing`); Unauthorized (`passphrase_wrong`).
        """
        return Signatory(open_keystore(self._keystore(office), passphrase).secret(office))

    def write_secret_file(self, name: str, secret: bytes) -> None:
        """Write a key for a process that starts without people; only its owner can read it."""
        handle = os.open(self.folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write("0x" + secret.hex())

    def _keystore(self, name: str) -> Path:
        return self.folder / "keys" / f"{name}.json"
