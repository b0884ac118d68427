"""`bandai-town charge`: charges a wallet at a counter: coins for the cash, and their bonus."""

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from coin.clock import last_day
from coin.console import say, whole_number, written
from coin.console.asking import agrees, ask
from coin.console.deeds import done
from coin.console.output import answer, progress
from coin.console.speech import say_aside
from coin.errors import InvalidInput, Rejected, Rejection, Unavailable
from coin.keyring import channel_office
from coin.messages import checksum_address
from coin.office import charges_made
from coin.office.charges_made import ChargeMade
from coin.operations.top_up import Quote
from coin.program import Program
from coin.program.rules import Channel
from coin.qr.wallet_code import code_of
from coin.references import slip_number
from town_cli.commands.clerk import actor, ask_passphrase
from town_cli.commands.files import demand_writable, write_file
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption, PaperOption, YesOption
from town_cli.desk.charges import Charge, Charged, drawn_slip, rehearse
from town_cli.desk.charges import charge as post_charge
from town_cli.desk.slips import Paper, Slip, draw
from town_cli.desk.wallet_named import wallet_named
from town_cli.server.folder import Home, OpenTown

_ABOUT_AMOUNTS = (
    Rejection.AMOUNT_INVALID,
    Rejection.CHARGE_UNIT,
    Rejection.CHARGE_LIMIT,
    Rejection.BALANCE_LIMIT,
)


@dataclass(frozen=True)
class _Asked:
    """A charge before the cash is taken: what the clerk reads, and then confirms."""

    where: Channel
    request: Charge
    quote: Quote
    earlier: ChargeMade | None

    @property
    def slip(self) -> str:
        """The slip's number, which every charge at a counter has."""
        return self.request.slip or ""


def charge(
    channel: Annotated[str, typer.Option(help="窓口の名前か記号 / the channel's name or id")],
    wallet: Annotated[
        str | None,
        typer.Argument(
            help="ウォレットのコードかアドレス、または QR コードの写真（省略: 尋ねる。読み取り機でもよい）"
            " / the wallet's code or address, or a picture of its QR code (omit: asked for, a scanner will do)"
        ),
    ] = None,
    amount: Annotated[
        int | None, typer.Argument(parser=whole_number(), help="円（省略: 尋ねる） / yen (omit: asked for)")
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help="伝票番号（省略: 付ける） / the slip's number (omit: one is drawn)")
    ] = None,
    slip: Annotated[
        Path | None, typer.Option(help="控えの PDF を書く先 / a PDF for the customer's slip")
    ] = None,
    paper: PaperOption = Paper.ROLL,
    yes: YesOption = False,
    again: Annotated[
        bool,
        typer.Option("--again", help="2分以内の同じチャージも行う / the same within two minutes is meant"),
    ] = False,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """現金を受け取り、コインと特典ポイントを入れる / Charge coins with their bonus."""
    if slip is not None:
        demand_writable(slip, "slip")
    place = Home(home)
    with place.open() as town:
        where = town.municipality.program.channel(channel)
        typed = wallet or ask(
            say("ウォレットのコード（読み取るか、打つ）", "The wallet's code (scan or type it)")
        )
        coins = _asked_amount() if amount is None else amount
        with _explaining(town.municipality.program, reference, as_json=as_json):
            wanted, earlier = _wanted(town, typed, coins, reference)
            key = place.keyring.key(channel_office(where.id), ask_passphrase())
            asked = _Asked(where, wanted, rehearse(town.books, key, wanted, actor=actor()), earlier)
            _confirm(asked, yes=yes, again=again)
            with _in_doubt(asked), town.books() as books:
                charged = post_charge(books, key, asked.request, expected=asked.quote, actor=actor())
        done(*_deed(asked, charged))
        if slip is not None:
            with town.books() as books:
                made = charges_made.of_slip(books, where.id, asked.slip)
            write_file(slip, draw(Slip.of(town.municipality, asked.slip, made), paper), "slip")
        answer(_japanese(asked, charged), _english(asked, charged), _values(asked, charged), as_json=as_json)


def _asked_amount() -> int:
    typed = ask(say("金額（円）", "Amount (yen)"))
    try:
        return whole_number(1)(typed)
    except ValueError:
        raise InvalidInput(
            f"「{typed}」は金額ではありません。5000 のように打ってください。",
            f"{typed!r} is not an amount; type it like 5000.",
            field="amount",
            code="amount_malformed",
        ) from None


def _wanted(
    town: OpenTown, typed: str, coins: int, reference: str | None
) -> tuple[Charge, ChargeMade | None]:
    """Return the charge that is meant, and the same one of the last two minutes."""
    with town.books() as books:
        slip = drawn_slip(books) if reference is None else slip_number(reference)
        request = Charge(wallet_named(books, typed), coins, slip)
        return request, charges_made.same_again(books, request.holder, coins)


def _confirm(asked: _Asked, *, yes: bool, again: bool) -> None:
    """Show the charge with its slip's number, and ask; the same charge again is asked about even with `yes`.

    Raises:  typer.Abort, if the answer is not yes, or nobody is there to ask.
    """
    say_aside("\n".join([*_offer(asked), ""]))
    if asked.earlier is not None and not again:
        told = say(
            f"同じウォレットに同じ金額を、2分以内にチャージしたばかりです（取引 {asked.earlier.sequence}）。もう一度チャージしますか",
            f"The same wallet was charged the same amount within two minutes (operation {asked.earlier.sequence}). Charge it again",
        )
        if not agrees(told):
            raise typer.Abort
    taken = f"{asked.quote.coins:,}"
    question = say(
        f"現金 {taken}円を受け取り、このウォレットにチャージしますか",
        f"Take {taken} yen in cash and charge this wallet",
    )
    if not (yes or agrees(question)):
        raise typer.Abort


def _offer(asked: _Asked) -> list[str]:
    code = code_of(asked.request.holder)
    return [
        say(f"{asked.where.name_ja}  伝票番号 {asked.slip}", f"{asked.where.name_en}  slip {asked.slip}"),
        say(f"  ウォレット   {code}", f"  wallet {code}"),
        *_parts(asked.quote),
    ]


def _parts(quote: Quote) -> list[str]:
    until = written(last_day(quote.coin_expiry_s))
    coins = say(
        f"  コイン       {quote.coins:>9,}  {until}まで", f"  coins  {quote.coins:>9,}  until {until}"
    )
    if not quote.points:
        return [coins, say("  特典ポイント         0", "  points         0")]
    until = written(last_day(quote.point_expiry_s))
    points = say(
        f"  特典ポイント {quote.points:>9,}  {until}まで", f"  points {quote.points:>9,}  until {until}"
    )
    return [coins, points]


@contextmanager
def _in_doubt(asked: _Asked) -> Iterator[None]:
    """Say that nobody knows whether the charge was made, where the books stop answering: they may have stored it first.

    Raises:  Unavailable (charge_in_doubt).
    """
    try:
        yield
    except Unavailable:
        slip, channel = shlex.quote(asked.slip), asked.where.id
        raise Unavailable(
            f"台帳が途中で応答しなくなり、伝票番号 {asked.slip} のチャージが済んだかどうか分かりません。"
            f"bandai-town charges list か bandai-town charges slip {slip} slip.pdf --channel {channel} で確かめてください。"
            f"もう一度行うときは、必ず --reference {slip} を付けてください（同じ番号なら、二重には入りません）。",
            f"The books stopped answering, and it is not known whether the charge with the slip {asked.slip} was made. "
            f"Look it up: bandai-town charges list, or bandai-town charges slip {slip} slip.pdf --channel {channel}. "
            f"If you do it again, give --reference {slip}: with the same number nothing is charged twice.",
            code="charge_in_doubt",
        ) from None


@contextmanager
def _explaining(program: Program, reference: str | None, *, as_json: bool) -> Iterator[None]:
    """Say the rules of amounts, or what became of a slip, before the error itself is told."""
    try:
        yield
    except Rejected as refused:
        if refused.reason in _ABOUT_AMOUNTS and not as_json:
            progress(*_rules_of_amounts(program))
        if refused.reason is Rejection.REFERENCE_USED and not as_json:
            progress(*_about_the_slip(slip_number(reference or "")))
        if refused.reason is Rejection.HOLDER_UNKNOWN and not as_json:
            say_aside(say(*_ABOUT_REGISTERING) + "\n")
        raise


def _about_the_slip(number: str) -> tuple[str, str]:
    return (
        f"伝票番号「{number}」のチャージは、この窓口でもう済んでいます。今回は何も入っていません。別の伝票なら、別の番号を付けてください",
        f"slip {number!r} was charged at this channel before; nothing was charged now. Another slip needs another number",
    )


_ABOUT_REGISTERING = (
    "お客さまの端末で bandai-wallet register を実行すると、町に登録されます",
    "bandai-wallet register on the customer's device registers it with the town",
)


def _rules_of_amounts(program: Program) -> tuple[str, str]:
    rules, balance = program.charge, program.limits.balance_yen
    return (
        f"チャージは {rules.unit_yen:,} 円単位、1回 {rules.min_yen:,}〜{rules.max_yen_per_charge:,} 円、"
        f"1人1日 {rules.max_yen_per_person_day:,} 円・1年度 {rules.max_yen_per_person_year:,} 円まで。残高は {balance:,} 円まで",
        f"charges: steps of {rules.unit_yen:,} yen, {rules.min_yen:,} to {rules.max_yen_per_charge:,} at once, "
        f"{rules.max_yen_per_person_day:,} a day and {rules.max_yen_per_person_year:,} a year a person; balance up to {balance:,}",
    )


def _deed(asked: _Asked, charged: Charged) -> tuple[str, str]:
    slip, channel = asked.slip, asked.where
    return (
        f"{channel.name_ja}: {charged.quote.coins:,} 円をチャージしました（取引 {charged.posted.sequence}、伝票番号 {slip}）。"
        f"控えは bandai-town charges slip で出せます。",
        f"{channel.name_en}: charged {charged.quote.coins:,} yen (operation {charged.posted.sequence}, slip {slip}); "
        f"bandai-town charges slip prints its slip.",
    )


def _japanese(asked: _Asked, charged: Charged) -> str:
    head = (
        f"{asked.where.name_ja}: {charged.quote.coins:,} 円をチャージしました"
        f"（取引 {charged.posted.sequence}、伝票番号 {asked.slip}）。"
    )
    return "\n".join([head, *_parts(charged.quote)])


def _english(asked: _Asked, charged: Charged) -> str:
    head = (
        f"{asked.where.name_en}: charged {charged.quote.coins:,} yen "
        f"(operation {charged.posted.sequence}, slip {asked.slip})."
    )
    return "\n".join([head, *_parts(charged.quote)])


def _values(asked: _Asked, charged: Charged) -> dict[str, object]:
    return {
        "coins": charged.quote.coins,
        "points": charged.quote.points,
        "coin_expiry": charged.quote.coin_expiry_s,
        "point_expiry": charged.quote.point_expiry_s,
        "sequence": charged.posted.sequence,
        "slip": asked.slip,
        "wallet": checksum_address(asked.request.holder),
        "code": code_of(asked.request.holder),
    }
