"""`bandai-town deploy` and `migrate`: opens a new town, and brings its books to the schema of a new release."""

from pathlib import Path
from typing import Annotated

import typer

from coin.console.output import answer, progress
from coin.database.database import Database
from coin.database.migrate import is_newest
from coin.database.migrate import migrate as bring_to_newest
from coin.errors import NotFound
from coin.keystore import read_key_file
from coin.messages import checksum_address
from coin.program import Program, load_program
from coin.receipts import ReceiptSigner
from coin.registry import municipality as registry
from coin.registry.municipality import Pin
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption, ask_passphrase
from town_cli.server.deployment import deploy_town, local_chain
from town_cli.server.folder import Home
from town_cli.server.parts import Places


def deploy(
    program: Annotated[Path, typer.Argument(help="program.toml")],
    node: Annotated[
        str | None,
        typer.Option(help="JSON-RPC の URL(省略: デモは内蔵のチェーン)/ omit: a demo brings its own chain"),
    ] = None,
    database: Annotated[
        str | None, typer.Option(help="PostgreSQL の URL(省略: 内蔵)/ omit: embedded")
    ] = None,
    clock: Annotated[Path | None, typer.Option(help="デモの時計 / a demo's clock file")] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """新しい町を開く: 鍵・台帳・コントラクト / Open a new town: keys, books, contract."""
    clock_file = str(clock.resolve()) if clock else None
    places = Places(node, database, clock_file) if node else local_chain(database, clock_file)
    load_program(program)  # so that nobody types a passphrase for rules that are refused
    town = deploy_town(Home(home), program, places, ask_passphrase(is_new=True))
    contract = checksum_address(town.domain.verifying_contract)
    answer(
        f"{town.name}({town.code})を開きました。コントラクト {contract}\n"
        f"鍵は {home / 'keys'} にあります。控えを別の場所に保管してください。",
        f"Opened {town.code}; the contract is {contract}.\n"
        f"Its keys are in {home / 'keys'}: keep a copy of them elsewhere.",
        {"municipality": town.code, "contract": contract, "chain_id": town.domain.chain_id},
        as_json=as_json,
    )


def migrate(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """台帳を新しい版の形にする / Bring the books to the schema of this release, and pin a town that is not pinned."""
    place = Home(home)
    place.places()
    program = place.program()
    parts = place.parts(program)
    with parts.for_a_command():
        was_newest = is_newest(parts.owner_url)
        if not was_newest:
            progress("台帳の形を新しくしています", "migrating the books")
            bring_to_newest(parts.owner_url)
        pin = _pin(place, parts.url, program) if place.pin() is None else None
    pinned = _shown(pin) if pin else ("", "")
    answer(
        ("すでに最新です。" if was_newest else "台帳を最新の形にしました。") + pinned[0],
        ("It was the newest already." if was_newest else "The books have the newest schema now.") + pinned[1],
        {"migrated": not was_newest, "pinned": pin is not None},
        as_json=as_json,
    )


def _pin(place: Home, url: str, program: Program) -> Pin | None:
    """Pin a town that an earlier release deployed to what its books say; None, if they hold no town yet.

    Raises:  InvalidInput (`receipt_key_differs`), if the folder's own receipts key is not the one in the books.
    """
    database = Database.open(url)
    try:
        with database.transaction() as connection:
            pin = Pin.of(registry.load(connection, program.municipality.code, program))
    except NotFound:
        return None
    finally:
        database.close()
    if place.receipts_key_path.exists():
        ReceiptSigner(read_key_file(place.receipts_key_path)).demand(pin.receipt_key)
    place.write_pin(pin)
    return pin


def _shown(pin: Pin) -> tuple[str, str]:
    """What a person is to compare, in both languages."""
    contract, key = checksum_address(pin.contract), checksum_address(pin.receipt_key)
    return (
        f"\nコントラクト {contract} と受領証の鍵 {key} を固定しました。"
        "deploy のときの表示や、前から使っているレジ・ウォレットと見比べてください。",
        f"\nPinned the contract {contract} and the receipts key {key}:"
        " compare them with what deploy has shown, and with tills and wallets that have long been in use.",
    )
