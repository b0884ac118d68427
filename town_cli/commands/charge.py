"""`bandai-town charge`: charges a wallet at a counter: coins for the cash, and their bonus."""

from typing import Annotated

import typer

from coin.clock import last_day
from coin.console import whole_number, written
from coin.console.deeds import done
from coin.console.output import answer, progress
from coin.errors import Rejected, Rejection
from coin.keyring import channel_office
from coin.messages import parse_address
from coin.operations.top_up import Quote
from coin.program import Program
from coin.program.rules import Channel
from coin.references import slip_number
from town_cli.commands.clerk import actor, ask_passphrase
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.desk.charges import Charge, Charged
from town_cli.desk.charges import charge as post_charge
from town_cli.server.folder import Home

_ABOUT_AMOUNTS = (
    Rejection.AMOUNT_INVALID,
    Rejection.CHARGE_UNIT,
    Rejection.CHARGE_LIMIT,
    Rejection.BALANCE_LIMIT,
)


def charge(
    wallet: Annotated[str, typer.Argument(help="ウォレットのアドレス / the wallet's address")],
    amount: Annotated[int, typer.Argument(parser=whole_number(), min=0, help="円 / yen")],
    channel: Annotated[str, typer.Option(help="窓口 / channel of program.toml")],
    reference: Annotated[str | None, typer.Option(help="伝票番号 / the slip's number")] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """現金を受け取り、コインと特典ポイントを入れる / Charge coins with their bonus."""
    with Home(home).open() as town:
        where = town.municipality.program.channel(channel)
        request = Charge(
            parse_address(wallet, "wallet"), amount, None if reference is None else slip_number(reference)
        )
        key = Home(home).keyring.key(channel_office(channel), ask_passphrase())
        try:
            with town.books() as books:
                charged = post_charge(books, key, request, actor=actor())
        except Rejected as refused:
            if refused.reason in _ABOUT_AMOUNTS and not as_json:
                progress(*_rules_of_amounts(town.municipality.program))
            if refused.reason is Rejection.REFERENCE_USED and not as_json:
                progress(*_about_the_slip(request.slip))
            raise
        ja, en = _japanese(charged, where), _english(charged, where)
        done(ja, en)
        answer(ja, en, _values(charged), as_json=as_json)


def _rules_of_amounts(program: Program) -> tuple[str, str]:
    rules, balance = program.charge, program.limits.balance_yen
    return (
        f"チャージは {rules.unit_yen:,} 円単位、1回 {rules.min_yen:,}〜{rules.max_yen_per_charge:,} 円、"
        f"1人1日 {rules.max_yen_per_person_day:,} 円・1年度 {rules.max_yen_per_person_year:,} 円まで。残高は {balance:,} 円まで",
        f"charges: steps of {rules.unit_yen:,} yen, {rules.min_yen:,} to {rules.max_yen_per_charge:,} at once, "
        f"{rules.max_yen_per_person_day:,} a day and {rules.max_yen_per_person_year:,} a year a person; balance up to {balance:,}",
    )


def _about_the_slip(number: str | None) -> tuple[str, str]:
    return (
        f"伝票番号「{number}」のチャージは、この窓口でもう済んでいます。今回は何も入っていません。別の伝票なら、別の番号を付けてください",
        f"slip {number!r} was charged at this channel before; nothing was charged now. Another slip needs another number",
    )


def _japanese(done: Charged, where: Channel) -> str:
    return (
        f"{where.name_ja}: {done.quote.coins:,} 円をチャージしました（取引 {done.posted.sequence}）。\n"
        f"  コイン       {done.quote.coins:>9,}  {written(last_day(done.quote.coin_expiry_s))}まで\n"
        f"  特典ポイント {done.quote.points:>9,}{_points_until(done.quote, '  ', 'まで')}"
    )


def _english(done: Charged, where: Channel) -> str:
    return (
        f"{where.name_en}: charged {done.quote.coins:,} yen (operation {done.posted.sequence}).\n"
        f"  coins  {done.quote.coins:>9,}  until {written(last_day(done.quote.coin_expiry_s))}\n"
        f"  points {done.quote.points:>9,}{_points_until(done.quote, '  until ', '')}"
    )


def _points_until(quote: Quote, before: str, after: str) -> str:
    return f"{before}{written(last_day(quote.point_expiry_s))}{after}" if quote.points else ""


def _values(done: Charged) -> dict[str, object]:
    return {
        "coins": done.quote.coins,
        "points": done.quote.points,
        "coin_expiry": done.quote.coin_expiry_s,
        "point_expiry": done.quote.point_expiry_s,
        "sequence": done.posted.sequence,
    }
