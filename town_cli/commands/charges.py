"""`bandai-town charges`: the charges of a day by channel, and a slip printed again."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from coin.clock import jst_date, jst_datetime, parse_jst_date
from coin.console import say, written
from coin.console.deeds import done
from coin.console.output import answer
from coin.console.tables import Cell, table
from coin.messages import checksum_address
from coin.office import charges_made
from coin.office.charges_made import ChargeMade
from coin.program import Program
from coin.qr.wallet_code import code_of
from coin.references import slip_number
from town_cli.commands.files import write_file, write_table
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import DEFAULT_HOME, CsvOption, HomeOption, JsonOption, PaperOption
from town_cli.desk.slips import Paper, Slip, draw
from town_cli.server.folder import Home

charges_app = commands("チャージの記録 / Charges that were made.")


@charges_app.command(
    "list",
    epilog=closing(
        "bandai-town charges list", "bandai-town charges list --on 2026-11-29 --channel counter --csv day.csv"
    ),
)
def charges_list(
    on: Annotated[
        str | None, typer.Option(help="日（省略: 今日） / the day, like 2026-11-29 (omit: today)")
    ] = None,
    channel: Annotated[
        str | None, typer.Option(help="窓口の名前か記号（省略: すべて） / one channel (omit: all)")
    ] = None,
    csv: CsvOption = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """1日のチャージを窓口ごとに一覧する / The charges of a day, by channel."""
    with Home(home).open() as town:
        program = town.municipality.program
        day = jst_date(town.clock.now_ms()) if on is None else parse_jst_date(on, field="on")
        where = None if channel is None else program.channel(channel).id
        with town.books() as books:
            found = charges_made.of_day(books, day, where)
    if csv is not None:
        write_table(csv, _heads(), [_row(item, program) for item in found])
        done(f"{len(found)} 件を {csv} に書きました。", f"Wrote {len(found)} charges to {csv}.")
    text = "\n".join(_lines(found, program, day, csv))
    answer(
        text,
        text,
        {"on": day.isoformat(), "charges": [_values(item) for item in found]},
        as_json=as_json,
    )


@charges_app.command(
    "slip",
    epilog=closing("bandai-town charges slip 伝票17 slip.pdf --channel counter --paper A4"),
)
def charges_slip(
    number: Annotated[str, typer.Argument(help="伝票番号 / the slip's number")],
    file: Annotated[Path, typer.Argument(help="書き出す PDF / the PDF to write")],
    channel: Annotated[str, typer.Option(help="窓口の名前か記号 / the channel's name or id")],
    paper: PaperOption = Paper.ROLL,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """チャージの控えを、伝票番号からもう一度出す / Print the slip of a charge again."""
    with Home(home).open() as town:
        program = town.municipality.program
        where, slip = program.channel(channel), slip_number(number)
        with town.books() as books:
            made = charges_made.of_slip(books, where.id, slip)
    write_file(file, draw(Slip.of(town.municipality, slip, made), paper), "file")
    ja = f"取引 {made.sequence}（{made.coins:,} 円）の控えを {file} に書きました。"
    en = f"Wrote the slip of operation {made.sequence} ({made.coins:,} yen) to {file}."
    done(ja, en)
    answer(ja, en, {"file": str(file), **_values(made)}, as_json=as_json)


def _lines(found: list[ChargeMade], program: Program, day: date, csv: Path | None) -> list[str]:
    head = say(
        f"{written(day)}のチャージ {len(found):,} 件（単位: 円）",
        f"{written(day)}: {len(found):,} charges (yen)",
    )
    if not found:
        return [say(f"{written(day)}のチャージはありません。", f"There was no charge on {written(day)}.")]
    kept = [] if csv is None else [say(f"{csv} に書きました。", f"Wrote {csv}.")]
    return [
        head,
        *table(_heads(), [_row(item, program) for item in found]),
        "",
        *_sums(found, program),
        *kept,
    ]


def _heads() -> list[str]:
    heads = (
        ("取引", "operation"),
        ("時刻", "time"),
        ("窓口", "channel"),
        ("ウォレット", "wallet"),
        ("コイン", "coins"),
        ("ポイント", "points"),
    )
    return [say(ja, en) for ja, en in heads]


def _row(item: ChargeMade, program: Program) -> list[Cell]:
    at = f"{jst_datetime(item.accepted_at_ms):%H:%M:%S}"
    name = channel_name(program, item.channel)
    return [str(item.sequence), at, name, code_of(item.holder), item.coins, item.points]


def _sums(found: list[ChargeMade], program: Program) -> list[str]:
    rows: list[list[Cell]] = []
    for channel in dict.fromkeys(item.channel for item in found):
        mine = [item for item in found if item.channel == channel]
        sums = [sum(item.coins for item in mine), sum(item.points for item in mine)]
        rows.append([channel_name(program, channel), len(mine), *sums])
    rows.append([say("計", "total"), *(sum(int(row[at]) for row in rows) for at in (1, 2, 3))])
    heads = (
        ("窓口", "channel"),
        ("件数", "charges"),
        ("現金（コイン）", "cash (coins)"),
        ("ポイント", "points"),
    )
    return table([say(ja, en) for ja, en in heads], rows)


def channel_name(program: Program, channel: str) -> str:
    """Return the name of a channel for people; its id, if the rules have it no more."""
    names = {item.id: say(item.name_ja, item.name_en) for item in program.channels}
    return names.get(channel, channel)


def _values(item: ChargeMade) -> dict[str, object]:
    return {
        "sequence": item.sequence,
        "accepted_at_ms": item.accepted_at_ms,
        "channel": item.channel,
        "wallet": checksum_address(item.holder),
        "code": code_of(item.holder),
        "coins": item.coins,
        "points": item.points,
    }
