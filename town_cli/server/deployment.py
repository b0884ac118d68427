"""`bandai-town deploy`: creates the keys of every office, the books and the contract of a new town."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from coin import core
from coin.chain.anvil import free_port
from coin.chain.rpc import Rpc
from coin.chain.transactions import current_fees
from coin.clock import Clock, open_clock
from coin.console.deeds import done
from coin.console.output import counted, progress
from coin.database.database import Database
from coin.database.migrate import migrate
from coin.database.place import demand_without_secret
from coin.database.rights import demand_rights, demand_weak
from coin.database.town_role import admit_towns
from coin.errors import Forbidden, Unavailable
from coin.keyring import STAFF, channel_office
from coin.messages import checksum_address
from coin.program import Program, demand_dates_to_come, load_program
from coin.qr.lettering import demand_letters
from coin.registry.municipality import Municipality, Pin
from coin.registry.personal import create_key_file
from coin.signatory import Signatory, StaffPair
from town_cli.server.folder import Home
from town_cli.server.foundation import Offices, open_town
from town_cli.server.parts import Parts, Places, owner_missing


def deploy_town(home: Home, program_path: Path, places: Places, passphrase: str) -> Municipality:
    """Open a new town in `home`; if there is no town then, `home` is empty again. Only where gas money is missing, the keys stay,
    and the same call goes on with them.

    Raises:  InvalidFile (program.toml); InvalidInput (`database_owner_missing`, a URL); Forbidden (`demo_clock_refused`,
             `own_chain_refused`, `database_rights`, `database_role_strong`); Conflict (`town_exists`, `keys_exist`,
             `deploy_differs`, `municipality_exists`); Unavailable (`account_unfunded`, node or database); Unauthorized
             (`passphrase_wrong`), if it goes on with another passphrase.
    """
    program = rules_to_open_with(program_path, places)
    is_continued = home.is_unfinished
    if is_continued:
        home.demand_same(program.source, places)
    else:
        home.create(program.source, places)
    town = None
    try:
        parts = home.parts(program)
        with parts.for_a_command(chain=True), Rpc(places.node_url) as rpc:
            rpc.call("eth_chainId")
            demand_rights(parts.owner_url, program.municipality.code)
            keys = _kept_keys(home, program, passphrase) if is_continued else _new_keys(program)
            if not is_continued:
                _keep(home, keys, passphrase)
            progress("台帳とコントラクトを作っています", "making the books and the contract")
            offices = _offices(program, keys, is_gas_free=current_fees(rpc).max_fee_wei == 0)
            town = _open_books(parts, rpc, home.clock(program), program, offices)
            _tell(town)
            home.write_pin(Pin.of(town))
            home.finish()
            return town
    except BaseException as error:
        if isinstance(error, Unavailable) and error.code == "account_unfunded":
            home.leave_unfinished()  # the account is one of these keys
        elif town is None and not is_continued:
            # a town that is open keeps its keys, whatever fails; `migrate` can pin it later
            home.discard()
        raise


def _tell(town: Municipality) -> None:
    contract = checksum_address(town.domain.verifying_contract)
    done(
        f"{town.name}（{town.code}）を開きました。コントラクト {contract}",
        f"Opened {town.code}; the contract is {contract}.",
    )


def rules_to_open_with(program_path: Path, places: Places) -> Program:
    """Return the rules of a town that can be opened with them now.

    Raises:  InvalidFile; NotFound; InvalidInput (`letter_missing`, `database_owner_missing`, a URL); Forbidden
             (`demo_clock_refused`, `own_chain_refused`).
    """
    program = load_program(program_path)
    _demand_allowed(program, places)
    clock_file = Path(places.clock_file) if places.clock_file else None
    clock = open_clock(clock_file, is_demo=program.municipality.is_demo)
    demand_dates_to_come(program, clock.now_ms(), file_name=program_path.name)
    for text in (program.municipality.name_ja, program.help_desk.hours_ja):
        demand_letters(text)  # they stand on every sheet of a shop
    return program


def local_chain() -> Places:
    """Return the places of a demo with a bundled chain, on a port that is free now and will most likely be free next
    time."""
    return Places(f"http://127.0.0.1:{free_port()}", brings_chain=True)


def _demand_allowed(program: Program, places: Places) -> None:
    for url, option in ((places.database_url, "database"), (places.database_owner_url, "database-owner")):
        if url is not None:
            demand_without_secret(url, option)
    if places.database_url is not None and places.database_owner_url is None:
        raise owner_missing()
    if places.brings_chain and not program.municipality.is_demo:
        raise Forbidden(
            "内蔵のチェーンはデモの自治体だけで使えます。--node でノードを指定してください。",
            "A bundled chain is only for a municipality that is marked as a demo; give --node.",
            code="own_chain_refused",
        )


def _keep(home: Home, keys: Mapping[str, Signatory], passphrase: str) -> None:
    for office, key in counted(keys.items(), "鍵を作って暗号化しています", "making and encrypting keys"):
        home.keyring.write(office, {office: key.secret}, passphrase)
    home.write_secret_file("receipts.key", keys["receipts"].secret)
    create_key_file(home.personal_key_path, data_folder=home.data_folder)


def _open_books(parts: Parts, rpc: Rpc, clock: Clock, program: Program, offices: Offices) -> Municipality:
    code = program.municipality.code
    migrate(parts.owner_url)
    admit_towns(parts.owner_url, code)
    demand_weak(parts.url, code)
    database = Database.open(parts.url)
    try:
        return open_town(database, rpc, clock, program, offices)
    finally:
        database.close()


def _names(program: Program) -> list[str]:
    offices = [*STAFF, "pauser", "settler", "receipts", "cashier", "grants"]
    return [*offices, *(channel_office(channel.id) for channel in program.channels)]


def _new_keys(program: Program) -> dict[str, Signatory]:
    return {office: Signatory(secrets.token_bytes(core.KEY_BYTES)) for office in _names(program)}


def _kept_keys(home: Home, program: Program, passphrase: str) -> dict[str, Signatory]:
    opened = counted(_names(program), "鍵を開いています", "opening keys")
    return {office: home.keyring.key(office, passphrase) for office in opened}


def _offices(program: Program, keys: Mapping[str, Signatory], *, is_gas_free: bool) -> Offices:
    """Return the offices. Who deploys has no rights from it: a key that is used once, or on a chain that takes a price for gas
    the settler, so that one account needs money and nothing of it is left behind."""
    return Offices(
        deployer=secrets.token_bytes(core.KEY_BYTES) if is_gas_free else keys["settler"].secret,
        staff=StaffPair(*(keys[name] for name in STAFF)),
        pauser=keys["pauser"].address,
        settler=keys["settler"].address,
        receipts=keys["receipts"].address,
        cashier=keys["cashier"].address,
        grants=keys["grants"].address,
        channels={item.id: keys[channel_office(item.id)].address for item in program.channels},
    )
