"""`bandai-town reconcile`: compares the books with the chain and the signed records, figure by figure; exits with 0 only if
nothing differs and nothing is open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from coin.console import is_english, say
from coin.console.output import answer, progress
from coin.console.tables import Cell, table, width
from coin.reconciliation import codes
from coin.reconciliation.figures import Figure
from coin.reconciliation.reconcile import Reconciliation
from coin.reconciliation.reconcile import reconcile as compare
from coin.registry.merchants import all_merchants
from coin.registry.personal import open_personal_data
from town_cli.commands.exits import DIFFERENCES
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.commands.reconcile_words import books_of, open_line, other_of, place_of
from town_cli.server.folder import Home, OpenTown

NOT_PINNED = (
    "コントラクトと受領証の鍵が固定されていないので、台帳のものを使いました（bandai-town migrate で固定）。",
    "Contract and receipts key are not pinned, so the books' own were used (bandai-town migrate pins them).",
)
_WIDEST_CELL = 40


def reconcile(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """台帳をチェーンと署名された記録に突き合わせる。差異か未了があれば終了コード 1 / Compare books, chain and signed records."""
    with Home(home).open_with_node() as (town, rpc):
        progress("台帳とチェーンを突き合わせています", "comparing books and chain")
        pin, key = Home(home).pin(), Home(home).personal_key_path
        personal = open_personal_data(key) if key.exists() else None  # an auditor has none
        result = compare(town.database, town.municipality, rpc, pin=pin, clock=town.clock, personal=personal)
        text = "\n".join([*_lines(result, town), *([] if pin else [say(*NOT_PINNED)])])
        answer(text, text, {**_values(result), "is_pinned": pin is not None}, as_json=as_json)
    if not result.is_closed:
        raise typer.Exit(DIFFERENCES)


def _lines(result: Reconciliation, town: OpenTown) -> Iterator[str]:
    differences, items = len(result.differences), len(result.open_items)
    yield say(
        f"差異 {differences} 件、未了 {items} 件"
        f"(比べた数 {result.compared:,}、取引 {result.settled_sequence} まで、ブロック {result.block_number})",
        f"differences {differences}, open items {items} "
        f"({result.compared:,} figures, up to operation {result.settled_sequence}, block {result.block_number})",
    )
    names = _shop_names(town)
    if result.differences:
        yield from _differences(result.differences, names)
    for open_item in result.open_items:
        yield f"  {open_line(open_item)}"
    yield from _cash(result.cash, town)


def _differences(found: Sequence[Figure], names: Mapping[int, str]) -> Iterator[str]:
    books, other = say("台帳", "books"), say("もう一方", "other side")
    said = [(place_of(item, names), books_of(item), other_of(item)) for item in found]
    short = [item for item in said if max(map(width, item[1:])) <= _WIDEST_CELL]
    yield from table([say("差異 / 相手", "difference / against"), books, other], short) if short else ()
    for item in said:
        if item not in short:
            yield f"  {item[0]}"
            yield f"    {books}: {item[1]}"
            yield f"    {other}: {item[2]}"


def _cash(cash: Mapping[str, int], town: OpenTown) -> list[str]:
    channels = {item.id: say(item.name_ja, item.name_en) for item in town.municipality.program.channels}
    rows: list[list[Cell]] = [[channels.get(name, name), amount] for name, amount in cash.items()]
    return table(
        [
            say(
                "チャージの現金の累計（1日分は bandai-town report --on）",
                "cash charged so far (a day's: bandai-town report --on)",
            ),
            say("円", "yen"),
        ],
        rows,
    )


def _shop_names(town: OpenTown) -> dict[int, str]:
    with town.books() as books:
        shops = all_merchants(books)
    return {shop.number: shop.name_romaji if is_english() else shop.name for shop in shops}


def _values(result: Reconciliation) -> dict[str, Any]:
    return {
        "differences": [codes.of_figure(item) for item in result.differences],
        "open_items": [codes.of_open_item(item) for item in result.open_items],
        "compared": result.compared,
        "cash": dict(result.cash),
        "settled_sequence": result.settled_sequence,
        "block_number": result.block_number,
    }
