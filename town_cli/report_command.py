"""`bandai-town report`: the town's figures, and each shop with coins and points apart."""

from collections.abc import Iterable, Iterator

from coin.clock import jst_date
from coin.program import Program
from coin.reports.town_figures import ShopFigures, TownFigures, town_figures
from town_cli.home import Home
from town_cli.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.speech import answer, is_english, progress, say
from town_cli.tables import Cell, table


def report(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """発行・利用・残高・加盟店の数字 / Figures: issued, spent, held, by merchant."""
    with Home(home).open() as town:
        progress("集計しています", "adding up")
        with town.database.transaction() as connection:
            figures = town_figures(connection, town.municipality, town.clock)
        today = jst_date(town.clock.now_ms()).isoformat()
        text = "\n".join(
            [_title(town.municipality.program, today), *_lines(figures, town.municipality.program)]
        )
        answer(text, text, figures.as_json(), as_json=as_json)


def _title(program: Program, today: str) -> str:
    town, year = program.municipality, program.period.fiscal_year
    return say(
        f"{town.name_ja} {year}年度 {today} 現在(単位: 円)",
        f"{town.name_en}, fiscal {year}, as of {today} (yen)",
    )


def _lines(figures: TownFigures, program: Program) -> Iterator[str]:
    yield ""
    yield from _overview(figures)
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
        ("merchant", "加盟店(未換金)", "shops, not redeemed"),
        ("payout", "換金済", "redeemed"),
        ("expired_income", "失効", "expired"),
    )
    rows: list[list[Cell]] = []
    for name, ja, en in classes:
        coins, points = figures.sum_of(name, "coin"), figures.sum_of(name, "point")
        rows.append([say(ja, en), coins, points, coins + points])
    rows.append([say("発行の合計", "issued"), *(sum(int(row[place]) for row in rows) for place in (1, 2, 3))])
    return table([say("全体", "Overview"), *_kinds(), say("計", "total")], rows)


def _cash(figures: TownFigures, program: Program) -> Iterable[str]:
    names = {item.id: say(item.name_ja, item.name_en) for item in program.channels}
    rows: list[list[Cell]] = [[names.get(name, name), amount] for name, amount in figures.cash.items()]
    rows.append([say("計", "total"), sum(figures.cash.values())])
    return table([say("チャージ窓口の現金", "Cash by channel"), say("金額", "amount")], rows)


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
        [jst_date((expiry_s - 1) * 1000).isoformat(), amount]
        for expiry_s, amount in figures.held_by_date.items()
    ]
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
    rows.append([say("計", "total"), "", *(sum(int(row[place]) for row in rows) for place in range(2, 6))])
    heads = (("加盟店", "Shop"), ("店名", "name"))
    tails = (("換金済", "redeemed"), ("未換金", "not redeemed"))
    return table([*(say(*h) for h in heads), *_kinds(), *(say(*t) for t in tails)], rows)


def _kinds() -> list[str]:
    return [say("コイン", "coins"), say("ポイント", "points")]
