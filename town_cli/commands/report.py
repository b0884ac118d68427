"""`bandai-town report`: the town's figures, and each shop with coins and points shown separately."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated

import typer

from coin.clock import jst_date, jst_datetime, last_day, parse_jst_date
from coin.console import is_english, say, written, written_in_both
from coin.console.output import answer, progress
from coin.console.tables import Cell, table
from coin.errors import InvalidInput
from coin.program import Program
from coin.registry.calendar import WaitingDate, waiting_dates
from coin.reports.base_dates import SECURED_ABOVE_YEN, BaseDate, base_date
from coin.reports.town_figures import ShopFigures, TownFigures, town_figures
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home


def report(
    on: Annotated[
        str | None,
        typer.Option(help="この日の終わりの数字 / as it was at the end of this day, like 2027-03-31"),
    ] = None,
    home: HomeOption = DEFAULT_HOME,
    as_json: JsonOption = False,
) -> None:
    """発行・利用・残高・加盟店の数字 / Figures: issued, spent, held, by merchant."""
    with Home(home).open() as town:
        now_ms = town.clock.now_ms()
        day = _day(on, jst_date(now_ms))
        progress("集計しています", "adding up")
        with town.books() as books:
            figures, waiting = town_figures(books, day), waiting_dates(books)
        for date_ja, date_en in _to_open(waiting, now_ms):
            progress(
                f"注意 {date_ja}までの期限を開けます: bandai-town dates open",
                f"note: the date until {date_en} can be opened: bandai-town dates open",
            )
        text = "\n".join(_lines(figures, town.municipality.program, day, now_ms))
        answer(text, text, {"on": day.isoformat(), **figures.as_json()}, as_json=as_json)


def _to_open(waiting: Iterable[WaitingDate], now_ms: int) -> Iterator[tuple[str, str]]:
    for one in waiting:
        if one.can_be_opened(now_ms):
            yield written_in_both(last_day(one.date.ends_s))


def _day(text: str | None, today: date) -> date:
    day = parse_jst_date(text, field="on") if text is not None else today
    if day > today:
        day_ja, day_en = written_in_both(day)
        raise InvalidInput(
            f"{day_ja}はまだ終わっていません。",
            f"{day_en} is not over yet.",
            field="on",
            code="date_in_future",
        )
    return day


def _title(program: Program, day: date, now_ms: int) -> str:
    town, year = program.municipality, program.period.fiscal_year
    is_today = day == jst_date(now_ms)
    when = written(jst_datetime(now_ms) if is_today else day)
    ja, en = (" 現在", "now") if is_today else ("の終わり", "at the end of the day")
    return say(
        f"{town.name_ja} {year}年度 {when}{ja}。発足からの累計（単位: 円）",
        f"{town.name_en}, fiscal {year}, {when} {en}; sums since the first day (yen)",
    )


def _lines(figures: TownFigures, program: Program, day: date, now_ms: int) -> Iterator[str]:
    yield _title(program, day, now_ms)
    yield ""
    yield from _overview(figures)
    yield from _base_date(base_date(day, program.issuer.kind, figures.unused_coins))
    yield ""
    yield from _cash(figures, program)
    yield ""
    yield from _funds(figures, program)
    yield ""
    yield from _dates(figures)
    yield ""
    yield from _shops(figures.shops)
    yield ""
    yield say(
        f"ウォレット {figures.wallets:,} 個、チェーンで確定した束 {figures.batches:,} 個",
        f"{figures.wallets:,} wallets, {figures.batches:,} batches confirmed on the chain",
    )


def _overview(figures: TownFigures) -> Iterable[str]:
    classes = (
        ("holder", "利用者の残高", "held by people"),
        ("merchant", "加盟店（未換金）", "shops, not redeemed"),
        ("payout", "換金済", "redeemed"),
        ("expired_income", "失効", "expired"),
    )
    rows: list[list[Cell]] = []
    for name, ja, en in classes:
        coins, points = figures.sum_of(name, "coin"), figures.sum_of(name, "point")
        if name == "expired_income":
            points = figures.expired_points
        rows.append([say(ja, en), coins, points, coins + points])
    rows.append([say("発行の合計", "issued"), *(sum(int(row[place]) for row in rows) for place in (1, 2, 3))])
    return table([say("全体", "Overview"), *_kinds(), say("計", "total")], rows)


def _base_date(found: BaseDate | None) -> Iterator[str]:
    if found is None:
        return
    yield say(
        f"  基準日の未使用残高（コインだけ。この日まで使えたものを含む）: {found.unused_yen:,}",
        f"  Unused on the base date (coins only, those that ended with the day included): {found.unused_yen:,}",
    )
    if found.to_secure_yen:
        above, half = f"{SECURED_ABOVE_YEN:,}", f"{found.to_secure_yen:,}"
        yield say(
            f"  発行者が団体で {above} を超えています。発行保証金の目安（2分の1）: {half}",
            f"  The issuer is an association and this is above {above}; half of it to be secured: {half}",
        )


def _cash(figures: TownFigures, program: Program) -> Iterable[str]:
    names = {item.id: say(item.name_ja, item.name_en) for item in program.channels}
    rows: list[list[Cell]] = [
        [names.get(item.channel, item.channel), item.day, item.total] for item in figures.cash
    ]
    rows.append([say("計", "total"), *(sum(int(row[place]) for row in rows) for place in (1, 2))])
    heads = (("チャージ窓口の現金", "Cash by channel"), ("この日", "on the day"), ("累計", "so far"))
    return table([say(*head) for head in heads], rows)


def _funds(figures: TownFigures, program: Program) -> Iterable[str]:
    names = {item.id: say(item.name_ja, item.name_en) for item in program.funds}
    rows: list[list[Cell]] = [
        [names.get(item.id, item.id), item.budget, item.given, item.budget - item.given]
        for item in figures.funds
    ]
    heads = [say(ja, en) for ja, en in (("予算", "budget"), ("付与", "given"), ("残り", "left"))]
    return table([say("ポイントの予算", "Funds of points"), *heads], rows)


def _dates(figures: TownFigures) -> Iterable[str]:
    rows: list[list[Cell]] = [
        [written(last_day(expiry_s)), amount] for expiry_s, amount in figures.held_by_date.items()
    ]
    if not rows:
        return [say("  利用者の残高はありません。", "  No wallet holds any value.")]
    return table([say("使える最後の日", "Last day of use"), say("利用者の残高", "held")], rows)


def _shops(shops: Iterable[ShopFigures]) -> Iterable[str]:
    rows: list[list[Cell]] = [
        [
            f"{shop.merchant.number:06d}",
            shop.merchant.name_romaji if is_english() else shop.merchant.name,
            shop.received("coin"),
            shop.received("point"),
            shop.redeemed,
            shop.balance,
        ]
        for shop in shops
        if shop.totals
    ]
    if not rows:
        return [say("  加盟店の売上はまだありません。", "  No shop has received anything yet.")]
    rows.append(
        [say("計", "total"), "", *(sum(int(row[place]) for row in rows) for place in range(2, len(rows[0])))]
    )
    heads = (("加盟店", "Shop"), ("店名", "name"))
    tails = (("換金済", "redeemed"), ("未換金", "not redeemed"))
    return table([*(say(*h) for h in heads), *_kinds(), *(say(*t) for t in tails)], rows)


def _kinds() -> list[str]:
    return [say("コイン", "coins"), say("ポイント", "points")]
