"""`today`: lists a day's payments with its sums, each receipt verified, and writes them for a spreadsheet."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from coin.clock import jst_date
from coin.console import say, written
from wallet_cli.common.commands.options import JsonOption, closing, show
from wallet_cli.till.announcing import payment_json
from wallet_cli.till.commands.group import HomeOption, app, opened_till
from wallet_cli.till.day import Day, day_lines, read_day, write_csv
from wallet_cli.till.home import DEFAULT


@app.command(
    help=say(
        "きょうの支払いの一覧と合計を、受領証を確かめて表示します。レジごと、コインとポイントごとの合計も出ます。",
        "Show today's payments and their sums by till and by kind, each receipt verified.",
    ),
    epilog=closing("bandai-till today", "bandai-till today --date 2026-11-28 --csv 20261128.csv"),
)
def today(
    day: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help=say("ほかの日", "another day")),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", help=say("表計算で開くファイルに書く", "write a file for a spreadsheet too")),
    ] = None,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    with opened_till(home) as (place, till, gateway):
        found = read_day(till, day.date() if day else jst_date(gateway.now_ms()))
        shop = place.paired().shop
    if csv:
        write_csv(found, csv)
    lines = [f"{shop}  {written(found.day)}", *day_lines(found), *_warnings(found)]
    lines += [say(f"{csv} に書きました。", f"Wrote {csv}.")] if csv else []
    show(as_json, _json(found), lines)


def _warnings(day: Day) -> list[str]:
    if not day.forged:
        return []
    return [
        say(
            f"偽の受領証が {day.forged} 件あり、数えていません。町の窓口にお知らせください。",
            f"{day.forged} receipts are not real and are not counted; tell the town.",
        )
    ]


def _json(day: Day) -> dict[str, object]:
    return {
        "date": day.day.isoformat(),
        "count": len(day.payments),
        "total": day.total_yen,
        "coins": day.coins_yen,
        "points": day.points_yen,
        "forged": day.forged,
        "tills": [{"till": label, "count": count, "total": total} for label, count, total in day.by_till()],
        "items": [payment_json(paid) for paid in day.payments],
    }
