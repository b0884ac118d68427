"""`bandai-town`: what the town's staff do from a command line. Every command has `--json`; exits.py lists the numbers."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from coin import core
from coin.chain.rpc import Rpc
from coin.clock import SystemClock, fiscal_year
from coin.keystore import list_keystore
from coin.merchant_file import MerchantRow, read_merchants
from coin.messages import checksum_address, parse_address
from coin.registry.personal import open_personal_data
from coin.reports.town_figures import town_figures
from coin.settlement.reconcile import reconcile as compare
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import drain, tick
from town_cli import approving, charging
from town_cli.credential_commands import credentials_app, staff_app, tills_app
from town_cli.deploying import channel_office, deploy_town
from town_cli.exits import DIFFERENCES
from town_cli.home import Home, Places
from town_cli.importing import import_rows
from town_cli.options import DEFAULT_HOME, HomeOption, JsonOption, actor, ask_passphrase, staff_of
from town_cli.speech import answer, errors_as_sentences, progress
from town_cli.starting import Beginning, write_program
from town_cli.sticker_command import merchants_sticker

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="磐梯町などの地域通貨の運営 / Runs a town's currency."
)
merchants_app = typer.Typer(no_args_is_help=True, help="加盟店 / Merchants.")
merchants_app.command("sticker", epilog="例 / example: bandai-town merchants sticker 12 --out sheet.pdf")(
    merchants_sticker
)
app.add_typer(merchants_app, name="merchants")
app.add_typer(tills_app, name="tills")
app.add_typer(staff_app, name="staff")
app.add_typer(credentials_app, name="credentials")


@app.command(epilog="例 / example: bandai-town init program.toml --code 074071 --name 磐梯町")
def init(
    file: Annotated[Path, typer.Argument(help="書き出す先 / where to write it")] = Path("program.toml"),
    code: Annotated[str, typer.Option(help="全国地方公共団体コード / local government code")] = "074071",
    name: Annotated[str, typer.Option(help="町の名前 / the town's name")] = "磐梯町",
    name_en: Annotated[str, typer.Option(help="英語の名前 / its name in English")] = "Bandai Town",
    romaji: Annotated[str, typer.Option(help="QRコードに入る名前 / its name in QR codes")] = "BANDAI",
    year: Annotated[
        int | None, typer.Option(min=2000, max=2199, help="年度(省略: 今年度)/ omit: this fiscal year")
    ] = None,
    is_demo: Annotated[bool, typer.Option("--demo", help="試用 / only to try it out")] = False,
    as_json: JsonOption = False,
) -> None:
    """説明つきの program.toml を書き出す / Write a commented program.toml to start from."""
    with errors_as_sentences(as_json=as_json):
        this_year = fiscal_year(SystemClock().now_ms()) if year is None else year
        write_program(file, Beginning(code, name, name_en, romaji, this_year, is_demo))
        answer(
            f"{file} を書きました。値を直してから bandai-town deploy に渡してください。",
            f"Wrote {file}; change its values, then give it to bandai-town deploy.",
            {"file": str(file), "fiscal_year": this_year},
            as_json=as_json,
        )


@app.command(
    epilog="例 / example: bandai-town deploy examples/bandai-2022/program.toml --node http://127.0.0.1:8545"
)
def deploy(
    program: Annotated[Path, typer.Argument(help="program.toml")],
    node: Annotated[str, typer.Option(help="JSON-RPC の URL / URL of the node")],
    database: Annotated[
        str | None, typer.Option(help="PostgreSQL の URL(省略: 内蔵)/ omit: embedded")
    ] = None,
    clock: Annotated[Path | None, typer.Option(help="デモの時計 / a demo's clock file")] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """新しい町を開く: 鍵・台帳・コントラクト / Open a new town: keys, books, contract."""
    with errors_as_sentences(as_json=as_json):
        places = Places(node, database, str(clock) if clock else None)
        town = deploy_town(Home(home), program, places, ask_passphrase(is_new=True))
        contract = checksum_address(town.domain.verifying_contract)
        answer(
            f"{town.name}({town.code})を開きました。コントラクト {contract}",
            f"Opened {town.code}; the contract is {contract}.",
            {"municipality": town.code, "contract": contract, "chain_id": town.domain.chain_id},
            as_json=as_json,
        )


@merchants_app.command("import", epilog="例 / example: bandai-town merchants import merchants.csv")
def merchants_import(
    file: Annotated[Path, typer.Argument(help="merchants.csv")],
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """加盟店をまとめて登録する(1行でも誤りがあれば何も書かない)/ Register shops, all or none."""
    with errors_as_sentences(as_json=as_json):
        place, passphrase = Home(home), None
        with place.open() as town:
            rows = read_merchants(file, town.municipality.program)
            passphrase = ask_passphrase()
            staff = staff_of(place, passphrase)
            addresses = _shop_keys(place, rows, passphrase)
            personal = open_personal_data(place.personal_key_path)
            posted = import_rows(
                town.database, town.municipality, town.clock, staff, personal, rows, addresses, actor=actor()
            )
        answer(
            f"加盟店 {len(posted)} 店を登録しました。",
            f"Registered {len(posted)} merchants.",
            {"registered": len(posted)},
            as_json=as_json,
        )


@app.command(epilog="例 / example: bandai-town charge 0x… 5000 --channel shokokai --reference slip-17")
def charge(
    wallet: Annotated[str, typer.Argument(help="ウォレットのアドレス / the wallet's address")],
    amount: Annotated[int, typer.Argument(help="円 / yen")],
    channel: Annotated[str, typer.Option(help="窓口 / channel of program.toml")],
    reference: Annotated[str | None, typer.Option(help="伝票番号 / the slip's number")] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """現金を受け取り、コインと特典ポイントを入れる / Charge coins with their bonus."""
    with errors_as_sentences(as_json=as_json), Home(home).open() as town:
        town.municipality.program.channel(channel)
        request = charging.Charge(parse_address(wallet, "wallet"), amount, reference)
        key = Home(home).key(channel_office(channel), ask_passphrase())
        done = charging.charge(town.database, town.municipality, town.clock, key, request, actor=actor())
        answer(
            f"{amount:,} 円をチャージしました(特典 {done.quote.points:,} ポイント)。",
            f"Charged {amount:,} yen with {done.quote.points:,} points.",
            {"coins": amount, "points": done.quote.points, "sequence": done.posted.sequence},
            as_json=as_json,
        )


@app.command(epilog="例 / example: bandai-town settle --now")
def settle(
    now: Annotated[bool, typer.Option("--now", help="待たずにすべて締める / seal what waits")] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """受け付けた取引をチェーンに記録する / Write accepted operations on the chain."""
    with errors_as_sentences(as_json=as_json), Home(home).open() as town, Rpc(town.places.node_url) as rpc:
        progress("チェーンに記録しています", "settling")
        key = Home(home).key("settler", ask_passphrase()).secret
        policy = Policy.of(town.municipality)
        settler = Settler.of(town.database, town.municipality, town.clock, rpc, key, policy)
        done = drain(settler) if now else tick(settler)
        answer(
            f"{done.sealed} 束を締め、{done.confirmed} 束が確定しました。",
            f"Sealed {done.sealed} batches; {done.confirmed} were confirmed.",
            {
                "sealed": done.sealed,
                "confirmed": done.confirmed,
                "unconfirmed": done.unmined + done.unconfirmed,
            },
            as_json=as_json,
        )


@app.command("approve-late", epilog="例 / example: bandai-town approve-late")
def approve_late(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """240 時間を過ぎた束を職員2名の署名で通す / Let a batch older than 240 h through, signed by two staff."""
    with errors_as_sentences(as_json=as_json), Home(home).open() as town:
        staff = staff_of(Home(home), ask_passphrase())
        batch = approving.approve_late(town.database, town.municipality, town.clock, staff, actor=actor())
        answer(
            f"束 {batch.number} を承認しました。次の settle で送られます。",
            f"Batch {batch.number} is approved; the next settle sends it.",
            {"batch": batch.number},
            as_json=as_json,
        )


@app.command(epilog="例 / example: bandai-town reconcile")
def reconcile(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """台帳とチェーンを突き合わせる。差異があれば終了コード 1 / Compare books and chain."""
    with errors_as_sentences(as_json=as_json), Home(home).open() as town, Rpc(town.places.node_url) as rpc:
        result = compare(town.database, town.municipality, rpc)
        lines = [f"{item.place}: {item.books} ≠ {item.chain}" for item in result.differences]
        lines += [f"{item.place}: {item.kind}" for item in result.open_items]
        counts = f"{len(result.differences)} / {len(result.open_items)} ({result.compared})"
        answer(
            "\n".join([f"差異 / 未了(比べた数): {counts}", *lines]),
            "\n".join([f"differences / open items (compared): {counts}", *lines]),
            {
                "differences": [[item.place, item.books, item.chain] for item in result.differences],
                "open_items": [[item.kind, item.place] for item in result.open_items],
                "compared": result.compared,
                "cash": dict(result.cash),
            },
            as_json=as_json,
        )
    if not result.is_closed:
        raise typer.Exit(DIFFERENCES)


@app.command(epilog="例 / example: bandai-town report --json")
def report(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """発行・利用・残高・加盟店の数字 / Figures: issued, spent, held, by merchant."""
    with errors_as_sentences(as_json=as_json), Home(home).open() as town:
        with town.database.transaction() as connection:
            figures = town_figures(connection, town.municipality, town.clock)
        answer(
            figures.as_text(english=False), figures.as_text(english=True), figures.as_json(), as_json=as_json
        )


def _shop_keys(home: Home, rows: list[MerchantRow], passphrase: str) -> dict[int, bytes]:
    """Make and keep a key for each shop that brings none; a file of an earlier import is kept as it is."""
    missing = [row.number for row in rows if row.address is None]
    if not missing:
        return {}
    made = {f"{number:06d}": secrets.token_bytes(core.KEY_BYTES) for number in missing}
    name = f"merchants-{secrets.token_hex(4)}"
    home.write_keys(name, made, passphrase)
    entries = list_keystore(home.folder / "keys" / f"{name}.json")
    return {int(entry.name): entry.address for entry in entries}


def main() -> None:
    """Run the command that was typed."""
    app()
