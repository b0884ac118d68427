"""Upgrades the books of a town to the schema of this release, and pins a town that an earlier release deployed."""

from dataclasses import dataclass

from coin.console.output import progress
from coin.database.database import Database
from coin.database.migrate import is_newest, migrate
from coin.database.rights import demand_rights
from coin.errors import NotFound
from coin.keystore import read_key_file
from coin.program import Program
from coin.receipts import ReceiptSigner
from coin.registry import municipality as registry
from coin.registry.municipality import Pin
from town_cli.server.folder import Home


@dataclass(frozen=True)
class Migrated:
    """The result: whether the schema was the newest already, and what was pinned."""

    was_newest: bool
    pin: Pin | None


def migrate_town(home: Home) -> Migrated:
    """Migrate the books; pin the town, unless it is pinned already or the books have no town yet.

    Raises:  NotFound (`town_missing`); Forbidden (`database_rights`); InvalidInput (`receipt_key_differs`), if the receipts key of the folder is not the
             one in the books.
    """
    home.places()
    program = home.program()
    parts = home.parts(program)
    with parts.for_a_command():
        was_newest = is_newest(parts.owner_url)
        if not was_newest:
            progress("台帳の形を新しくしています", "migrating the books")
            demand_rights(parts.owner_url, program.municipality.code)
            migrate(parts.owner_url)
        return Migrated(was_newest, _pin(home, parts.url, program) if home.pin() is None else None)


def _pin(home: Home, url: str, program: Program) -> Pin | None:
    """Pin the town to the values in its books; return None, if they have no town yet."""
    database = Database.open(url)
    try:
        with database.transaction() as connection:
            pin = Pin.of(registry.load(connection, program.municipality.code, program))
    except NotFound:
        return None
    finally:
        database.close()
    if home.receipts_key_path.exists():
        ReceiptSigner(read_key_file(home.receipts_key_path)).demand(pin.receipt_key)
    home.write_pin(pin)
    return pin
