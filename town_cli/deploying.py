"""`bandai-town deploy`: makes the keys of every office, the books and the contract of a new town."""

import secrets
from collections.abc import Iterator
from pathlib import Path

from coin import core
from coin.chain.rpc import Rpc
from coin.clock import open_clock
from coin.database.database import Database
from coin.database.migrate import migrate
from coin.program import Program, load_program
from coin.registry.municipality import Municipality
from coin.registry.personal import create_key_file
from town_cli.home import Home, Places
from town_cli.opening import Offices, open_town
from town_cli.signing import Signatory, StaffPair
from town_cli.speech import progress

STAFF = ("staff-1", "staff-2")


def deploy_town(home: Home, program_path: Path, places: Places, passphrase: str) -> Municipality:
    """Open a new town in `home`.

    Raises:  InvalidFile (program.toml); Conflict (`town_exists`); Unavailable (node or database).
    """
    program = load_program(program_path)
    with Rpc(places.node_url) as rpc:
        rpc.call("eth_chainId")
        home.create(program.source, places)
        progress("鍵を作っています", "making keys")
        keys = dict(_new_keys(program))
        for office, key in keys.items():
            home.write_key(office, key, passphrase)
        home.write_secret_file("receipts.key", keys["receipts"].secret)
        create_key_file(home.personal_key_path, data_folder=home.data_folder)
        progress("台帳とコントラクトを作っています", "making the books and the contract")
        return _open_books(home, program, places, rpc, _offices(program, keys))


def channel_office(channel: str) -> str:
    """The name of the keystore of a channel."""
    return f"channel-{channel}"


def _open_books(home: Home, program: Program, places: Places, rpc: Rpc, offices: Offices) -> Municipality:
    clock_path = Path(places.clock_file) if places.clock_file else None
    clock = open_clock(clock_path, is_demo=program.municipality.is_demo)
    with home.database_urls() as (owner_url, url):
        migrate(owner_url)
        database = Database.open(url)
        try:
            return open_town(database, rpc, clock, program, offices)
        finally:
            database.close()


def _new_keys(program: Program) -> Iterator[tuple[str, Signatory]]:
    offices = [*STAFF, "admin", "pauser", "settler", "receipts", "cashier", "grants"]
    for office in [*offices, *(channel_office(channel.id) for channel in program.channels)]:
        yield office, Signatory(secrets.token_bytes(core.KEY_BYTES))


def _offices(program: Program, keys: dict[str, Signatory]) -> Offices:
    return Offices(
        deployer=secrets.token_bytes(core.KEY_BYTES),  # used once; it holds no power afterwards
        staff=StaffPair(*(keys[name] for name in STAFF)),
        admin=keys["admin"].address,
        pauser=keys["pauser"].address,
        settler=keys["settler"].address,
        receipts=keys["receipts"].address,
        cashier=keys["cashier"].address,
        grants=keys["grants"].address,
        channels={item.id: keys[channel_office(item.id)].address for item in program.channels},
    )
