"""`bandai-town deploy`: opens a new town."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from coin.console.output import answer
from coin.messages import checksum_address
from town_cli.commands.clerk import ask_passphrase
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.deployment import deploy_town, local_chain, rules_to_open_with
from town_cli.server.folder import Home
from town_cli.server.parts import Places


def deploy(
    program: Annotated[Path, typer.Argument(help="program.toml")],
    node: Annotated[
        str | None,
        typer.Option(help="JSON-RPC の URL(省略: デモは内蔵のチェーン)/ omit: a demo brings its own chain"),
    ] = None,
    database: Annotated[
        str | None,
        typer.Option(help="プロセスが使う PostgreSQL の URL(省略: 内蔵)/ for our processes; omit: embedded"),
    ] = None,
    database_owner: Annotated[
        str | None,
        typer.Option(
            help="台帳の持ち主の URL。deploy と migrate だけが使う / the owner's, for deploy and migrate only"
        ),
    ] = None,
    clock: Annotated[Path | None, typer.Option(help="デモの時計 / a demo's clock file")] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """新しい町を開く: 鍵・台帳・コントラクト / Open a new town: keys, books, contract."""
    clock_file = str(clock.resolve()) if clock else None
    chain = Places(node) if node else local_chain()
    places = replace(chain, database_url=database, database_owner_url=database_owner, clock_file=clock_file)
    rules_to_open_with(program, places)  # before the passphrase: the rules may be refused
    town = deploy_town(Home(home), program, places, ask_passphrase(is_new=True))
    contract = checksum_address(town.domain.verifying_contract)
    answer(
        f"{town.name}（{town.code}）を開きました。コントラクト {contract}\n"
        f"鍵は {home / 'keys'} にあります。控えを別の場所に保管してください。",
        f"Opened {town.code}; the contract is {contract}.\n"
        f"Its keys are in {home / 'keys'}: keep a copy of them elsewhere.",
        {"municipality": town.code, "contract": contract, "chain_id": town.domain.chain_id},
        as_json=as_json,
    )
