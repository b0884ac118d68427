"""`bandai-town reconcile`: books against chain and signed records, figure by figure; ends with 1 unless nothing differs and nothing is open."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import typer

from coin.console import is_english, say
from coin.console.output import answer, progress
from coin.console.tables import Cell, table, width
from coin.errors import SENTENCES, Rejection
from coin.reconciliation.reconcile import Difference, OpenItem, Reconciliation
from coin.reconciliation.reconcile import reconcile as compare
from coin.registry.merchants import all_merchants
from town_cli.commands.exits import DIFFERENCES
from town_cli.commands.options import DEFAULT_HOME, HomeOption, JsonOption
from town_cli.server.folder import Home, OpenTown

_OPEN = {
    "unsettled": (
        "チェーンに未記録(bandai-town settle --now で記録)",
        "not settled yet (bandai-town settle --now)",
    ),
    "later": (
        "受付時刻が今より後(時計を確かめる: bandai-town doctor)",
        "accepted later than now; look at the clocks (bandai-town doctor)",
    ),
    "in_flight": ("チェーンに送信中", "on its way to the chain"),
    "not_final": ("チェーンで確定待ち", "in a block that is not final"),
    "incident": ("チェーンが受け付けなかった", "skipped by the chain"),
    "predicted": ("チェーンが受け付けない見込み", "will be skipped by the chain"),
}
# How coin.reconciliation.reconcile names its places; where one begins with another the longer one stands first.
_PLACES = (
    ("operations", "取引"),
    ("operation", "取引"),
    ("batch", "束"),
    ("holder", "利用者"),
    ("merchants' total", "加盟店の合計"),
    ("merchant", "加盟店"),
    ("calendar lane", "期限の枠"),
    ("date", "期限"),
    ("signer", "署名者"),
    ("retired address", "使い終えた加盟店のアドレス"),
    ("period", "発行期間"),
    ("allowance used", "窓口の1日の枠"),
    ("total supply", "発行残高の合計"),
    ("journal", "取引番号"),
    ("fund", "ポイントの予算"),
    ("checkout", "お会計"),
    ("trial balance", "試算表"),
    ("balance", "残高"),
    ("cash", "現金"),
    ("nonce", "支払い番号"),
    ("town", "町"),
)
# What of a place differs, by the last words of its name.
_FIELDS = {
    "balance": "残高",
    "held": "残高",
    "expired": "失効",
    "opened": "開始",
    "lane in the calendar": "枠",
    "opened in the calendar": "開始の取引",
    "ended in the calendar": "終了の取引",
    "replaced in the calendar": "次の期限に替えた取引",
    "nonces": "支払い番号",
    "lines": "仕訳",
    "audit": "監査の記録",
    "record": "署名された記録",
    "bytes": "内容",
    "transaction": "トランザクション",
    "block": "ブロック",
    "block hash": "ブロックのハッシュ",
    "id": "署名された内容のハッシュ",
    "digest": "署名された内容のハッシュ",
    "content": "内容",
    "acceptance": "受付時刻",
    "last acceptance": "最後の受付時刻",
    "acceptances in order": "受付の順",
    "acceptance in order": "受付の順",
    "accepted while it was valid": "受付が署名の有効期間のうち",
    "acceptances of one batch": "受付が1つの束の長さを超えない",
    "fiscal year": "年度",
    "amount": "金額",
    "merchant_number": "加盟店番号",
    "coins": "コイン",
    "points": "ポイント",
    "channel": "窓口",
    "address": "アドレス",
    "address in use": "支払い先のアドレス",
    "open": "営業",
    "open in use": "営業",
    "account": "勘定",
    "closed or frozen": "閉鎖・停止",
    "given": "付与",
    "chain": "チェーンの番号",
    "contract": "コントラクト",
    "receipts key": "受領証の鍵",
    "budget": "予算額",
    "used": "使った枠",
    "role": "役割",
    "allowance": "1日の枠",
    "receipt": "受領証",
    "lists": "一覧の行",
    "entries": "仕訳の名前",
    "kind": "種類",
    "payer": "支払元",
    "payee": "支払先",
    "nonce": "支払い番号",
    "accepted_at_ms": "受付時刻",
    "coin_expiry_s": "コインの期限",
    "point_expiry_s": "ポイントの期限",
    "reference": "受付番号",
    "signer": "署名者",
    "holder": "利用者",
    "day": "日",
    "payout": "払い出しの番号",
    "held by an incident": "未解決の取引による停止",
    "is a merchant": "加盟店か",
    "registered number": "登録番号",
    "debits and credits": "貸借",
    "cap": "上限",
    "issued": "発行",
    "first day": "初日",
    "last asOf": "最後の時刻",
    "next sequence": "次の取引番号",
    "batch number": "束の番号",
    "last number": "最後の番号",
    "against its journal": "(仕訳の合計と違う)",
    "against its top-ups": "(チャージの合計と違う)",
}
# What else stands in the name of a place: accounts and kinds of value.
_WORDS = {
    "holder": "利用者",
    "merchant": "加盟店",
    "cash": "現金",
    "payout": "換金済",
    "point_expense": "ポイントの費用",
    "expired_income": "失効",
    "coin": "コイン",
    "point": "ポイント",
}
_VALUES = {
    "True": "はい",
    "False": "いいえ",
    "missing": "なし",
    "present": "あり",
    "": "-",
    "None": "-",
    "nobody": "なし",
    "numbered": "番号あり",
    "readable": "読める",
    "no incident": "記録なし",
    "carried out": "実行済み",
    "not what its operations give": "取引から作ったものと違う",
    "a time of the calendar": "暦にある時刻",
    "signed by the town's key": "町の鍵の署名",
    "not signed by the town's key": "町の鍵の署名ではない",
}
NOT_PINNED = (
    "コントラクトと受領証の鍵が固定されていないので、台帳のものを使いました(bandai-town migrate で固定)。",
    "Contract and receipts key are not pinned, so the books' own were used (bandai-town migrate pins them).",
)
_WIDEST_CELL = 40
_REASONS = {reason.code: SENTENCES[reason][0] for reason in Rejection}


def reconcile(home: HomeOption = DEFAULT_HOME, as_json: JsonOption = False) -> None:
    """台帳をチェーンと署名された記録に突き合わせる。差異か未了があれば終了コード 1 / Compare books, chain and signed records."""
    with Home(home).open_with_node() as (town, rpc):
        progress("台帳とチェーンを突き合わせています", "comparing books and chain")
        pin = Home(home).pin()
        result = compare(town.database, town.municipality, rpc, pin=pin, clock=town.clock)
        text = "\n".join([*_lines(result, town), *([] if pin else [say(*NOT_PINNED)])])
        answer(text, text, {**_values(result), "is_pinned": pin is not None}, as_json=as_json)
    if not result.is_closed:
        raise typer.Exit(DIFFERENCES)


def _lines(result: Reconciliation, town: OpenTown) -> Iterator[str]:
    differences, items = len(result.differences), len(result.open_items)
    yield say(
        f"差異 {differences} 件、未了 {items} 件"
        f"(比べた数 {result.compared:,}、取引 {result.settled_sequence:,} まで、ブロック {result.block_number:,})",
        f"differences {differences}, open items {items} "
        f"({result.compared:,} figures, up to operation {result.settled_sequence:,}, block {result.block_number:,})",
    )
    names = _shop_names(town)
    if result.differences:
        yield from _differences(result.differences, names)
    for open_item in result.open_items:
        yield f"  {_open_line(open_item)}"
    yield from _cash(result.cash, town)


def _differences(found: Sequence[Difference], names: Mapping[str, str]) -> Iterator[str]:
    books, other = say("台帳", "books"), say("チェーン・記録", "chain or record")
    short = [item for item in found if max(width(item.books), width(item.chain)) <= _WIDEST_CELL]
    rows = [[_place(item.place, names), _cell(item.books), _cell(item.chain)] for item in short]
    yield from table([say("差異", "difference"), books, other], rows) if rows else ()
    for item in found:
        if item not in short:
            yield f"  {_place(item.place, names)}"
            yield f"    {books}: {_cell(item.books)}"
            yield f"    {other}: {_cell(item.chain)}"


def _cell(text: str) -> str:
    return text or "-" if is_english() else _VALUES.get(text, _REASONS.get(text, text))


def _cash(cash: Mapping[str, int], town: OpenTown) -> list[str]:
    channels = {item.id: say(item.name_ja, item.name_en) for item in town.municipality.program.channels}
    rows: list[list[Cell]] = [[channels.get(name, name), amount] for name, amount in cash.items()]
    return table(
        [
            say(
                "チャージの現金の累計(1日分は bandai-town report --on)",
                "cash charged so far (a day's: bandai-town report --on)",
            ),
            say("円", "yen"),
        ],
        rows,
    )


def _shop_names(town: OpenTown) -> dict[str, str]:
    with town.books() as books:
        shops = all_merchants(books)
    return {f"{shop.number:06d}": shop.name_romaji if is_english() else shop.name for shop in shops}


def _open_line(item: OpenItem) -> str:
    place, _, reason = item.place.partition(": ")
    place = _place(place, {})
    if not is_english():
        reason = _REASONS.get(reason, reason)
    return f"{place}: {say(*_OPEN[item.kind])}" + (f" - {reason}" if reason else "")


def _place(place: str, shop_names: Mapping[str, str]) -> str:
    words = place.split()
    name = shop_names.get(words[1]) if words[0] == "merchant" and len(words) > 1 else None
    if is_english():
        return f"{place} ({name})" if name else place
    word, ja = next((pair for pair in _PLACES if place.startswith(pair[0])), ("", ""))
    middle = place.removeprefix(word)
    field = next((item for item in sorted(_FIELDS, key=len, reverse=True) if middle.endswith(f" {item}")), "")
    middle = " ".join(_WORDS.get(part, part) for part in middle.removesuffix(field).split(" "))
    middle += _FIELDS.get(field, "")
    return (ja + middle).replace(" to ", "〜") + (f" ({name})" if name else "")


def _values(result: Reconciliation) -> dict[str, Any]:
    return {
        "differences": [[item.place, item.books, item.chain] for item in result.differences],
        "open_items": [[item.kind, item.place] for item in result.open_items],
        "compared": result.compared,
        "cash": dict(result.cash),
        "settled_sequence": result.settled_sequence,
        "block_number": result.block_number,
    }
