"""`bandai-town program`: checks a rules file before anything is made from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from coin.clock import jst_date, last_day
from coin.console import say, written
from coin.console.output import answer
from coin.program import Program, load_program
from coin.program.rules import LotKind
from town_cli.commands.grammar import closing, commands
from town_cli.commands.options import JsonOption

program_app = commands("決まりのファイル / The rules file.")


@program_app.command("check", epilog=closing("bandai-town program check program.toml"))
def program_check(
    file: Annotated[Path, typer.Argument(help="program.toml")],
    as_json: JsonOption = False,
) -> None:
    """決まりのファイルを調べ、読み取った内容を見せる（何も作らない） / Check a rules file and show what it says; nothing is made."""
    program = load_program(file)
    text = "\n".join(_lines(program, file))
    values = {
        "file": str(file),
        "municipality": program.municipality.code,
        "fiscal_year": program.period.fiscal_year,
        "is_demo": program.municipality.is_demo,
        "channels": [item.id for item in program.channels],
        "funds": [item.id for item in program.funds],
    }
    answer(text, text, values, as_json=as_json)


def _lines(program: Program, file: Path) -> Iterator[str]:
    town, period, charge = program.municipality, program.period, program.charge
    demo = say("（デモ）", " (demo)") if town.is_demo else ""
    yield say(f"{file} に誤りはありません。", f"{file} has no mistake.")
    yield say(f"  {town.name_ja}（{town.code}）{demo}", f"  {town.name_en} ({town.code}){demo}")
    first, last = written(jst_date(period.starts_s * 1000)), written(last_day(period.ends_s))
    yield say(
        f"  発行 {first}から{last}まで、合わせて {period.cap_yen:,} 円まで",
        f"  issues from {first} until {last}, {period.cap_yen:,} yen in all",
    )
    for rule in program.expiry:
        kind = say("コイン", "coins") if rule.kind is LotKind.COIN else say("ポイント", "points")
        until, issued = written(last_day(rule.ends_s)), written(last_day(rule.issued_before_s))
        yield say(
            f"  {kind}: {issued}までの発行分は {until}まで",
            f"  {kind} issued until {issued}: good until {until}",
        )
    rate = f"{program.premium.rate_bps / 100:g}"
    yield say(
        f"  チャージ {charge.unit_yen:,} 円単位、1回 {charge.min_yen:,}〜{charge.max_yen_per_charge:,} 円、特典 {rate} %",
        f"  charges in {charge.unit_yen:,}, {charge.min_yen:,} to {charge.max_yen_per_charge:,} yen, bonus {rate} %",
    )
    for channel in program.channels:
        yield say(
            f"  窓口 {channel.name_ja}（{channel.id}）: 1日 {channel.daily_allowance_yen:,} 円まで",
            f"  channel {channel.name_en} ({channel.id}): up to {channel.daily_allowance_yen:,} yen a day",
        )
    for fund in program.funds:
        yield say(
            f"  予算 {fund.name_ja}（{fund.id}）: {fund.budget_yen:,} 円",
            f"  fund {fund.name_en} ({fund.id}): {fund.budget_yen:,} yen",
        )
    yield say(
        f"  問い合わせ {program.help_desk.phone}（{program.help_desk.hours_ja}）",
        f"  help desk {program.help_desk.phone} ({program.help_desk.hours_en})",
    )
