"""The texts of `reconcile` for figures and open items: for every subject, field and value, in Japanese and English.

A table for each enum of `coin.reconciliation.figures`; a test asserts that every member has its text.
"""

from collections.abc import Mapping

from coin.clock import DAY_S, jst_date, last_day
from coin.console import say
from coin.errors import SENTENCES, Rejection
from coin.ledger.accounts import AccountClass
from coin.lots import Lot
from coin.messages import checksum_address
from coin.program import LotKind
from coin.reconciliation.figures import (
    AccountLot,
    AccountName,
    Against,
    CheckoutState,
    Entry,
    Field,
    Figure,
    Holding,
    Id,
    JournalLine,
    Open,
    OpenItem,
    Purse,
    RandomNonce,
    SignerDay,
    Span,
    StrangeRecord,
    Subject,
    Unreadable,
    Value,
    Window,
)
from coin.records.kinds import carried_out

Words = tuple[str, str]  # Japanese, English

SUBJECTS: Mapping[Subject, Words] = {
    Subject.TOWN: ("町", "town"),
    Subject.OPERATION: ("取引", "operation"),
    Subject.OPERATIONS: ("取引", "operations"),
    Subject.BATCH: ("束", "batch"),
    Subject.FOREIGN_RECORD: ("町の台帳にない記録", "record that is not in the books"),
    Subject.HOLDER: ("利用者", "holder"),
    Subject.HOLDING: ("利用者", "holder"),
    Subject.NONCE: ("支払い番号", "nonce"),
    Subject.MERCHANT: ("加盟店", "merchant"),
    Subject.RETIRED_ADDRESS: ("使い終えた加盟店のアドレス", "retired address"),
    Subject.LANE: ("期限の枠", "calendar lane"),
    Subject.DATE: ("期限", "date"),
    Subject.SIGNER: ("署名者", "signer"),
    Subject.USAGE: ("窓口の1日の枠", "allowance"),
    Subject.PERIOD: ("発行期間", "period"),
    Subject.JOURNAL: ("取引番号", "journal"),
    Subject.TRIAL_BALANCE: ("試算表", "trial balance"),
    Subject.BALANCE: ("残高", "balance"),
    Subject.CASH: ("現金", "cash"),
    Subject.FUND: ("ポイントの予算", "fund"),
    Subject.CHECKOUT: ("お会計", "checkout"),
}
FIELDS: Mapping[Field, Words] = {
    Field.EXISTS: ("有無", "exists"),
    Field.RECORD: ("署名された記録", "signed record"),
    Field.CHAIN: ("チェーンの番号", "chain"),
    Field.CONTRACT: ("コントラクト", "contract"),
    Field.RECEIPTS_KEY: ("受領証の鍵", "receipts key"),
    Field.MERCHANTS_TOTAL: ("加盟店の合計", "merchants' total"),
    Field.TOTAL_SUPPLY: ("発行残高の合計", "total supply"),
    Field.LINES: ("仕訳", "lines"),
    Field.ENTRIES: ("仕訳の名前", "names of its lines"),
    Field.KIND: ("種類", "kind"),
    Field.ACCEPTED_AT: ("受付時刻", "acceptance"),
    Field.HAS_A_TIME: ("受付時刻が暦にあるか", "accepted at a time of the calendar"),
    Field.FISCAL_YEARS: ("年度", "fiscal year"),
    Field.ACTOR: ("監査の記録", "audit"),
    Field.LISTS: ("一覧の行", "rows of lists"),
    Field.SAME_WORDS_AS: ("同じ署名を二度使った先の取引", "earlier operation with the same signed words"),
    Field.IS_ACCEPTED_IN_TIME: ("受付が署名の有効期間のうちか", "accepted while it was valid"),
    Field.IS_IN_ORDER: ("受付が順のとおりか", "accepted in order"),
    Field.IS_RECEIPT_GENUINE: ("受領証が町の鍵の署名か", "receipt signed by the town's key"),
    Field.INCIDENT: ("チェーンでの結果", "outcome on the chain"),
    Field.DIGEST: ("署名された内容のハッシュ", "digest"),
    Field.LISTED_KIND: ("一覧の種類", "kind in its list"),
    Field.LISTED_ACCEPTED_AT: ("一覧の受付時刻", "acceptance in its list"),
    Field.PAYER: ("支払元", "payer"),
    Field.PAYEE: ("支払先", "payee"),
    Field.AMOUNT: ("金額", "amount"),
    Field.NONCE: ("支払い番号", "nonce"),
    Field.MERCHANT_NUMBER: ("加盟店番号", "merchant number"),
    Field.CHANNEL: ("窓口", "channel"),
    Field.SIGNER: ("署名者", "signer"),
    Field.HOLDER: ("利用者", "holder"),
    Field.COINS: ("コイン", "coins"),
    Field.COIN_EXPIRY: ("コインの期限", "expiry of the coins"),
    Field.POINTS: ("ポイント", "points"),
    Field.POINT_EXPIRY: ("ポイントの期限", "expiry of the points"),
    Field.REFERENCE: ("受付番号", "reference"),
    Field.DAY: ("日", "day"),
    Field.PAYOUT: ("払い出しの番号", "payout"),
    Field.BYTES: ("取引から作った内容", "bytes"),
    Field.TRANSACTION: ("トランザクション", "transaction"),
    Field.BLOCK: ("ブロック", "block"),
    Field.BLOCK_HASH: ("ブロックのハッシュ", "block hash"),
    Field.FIRST_SEQUENCE: ("最初の取引", "first operation"),
    Field.COUNT: ("取引の数", "number of operations"),
    Field.AS_OF: ("時刻", "asOf"),
    Field.DATA_HASH: ("内容のハッシュ", "hash of its data"),
    Field.LAST_ACCEPTANCE: ("最後の受付時刻", "last acceptance"),
    Field.IS_SHORT: ("受付が15分と1日を超えないか", "accepted within 15 minutes of one day"),
    Field.BALANCE: ("残高", "balance"),
    Field.NONCES: ("支払い番号", "nonces"),
    Field.IS_USED: ("使用済みか", "used"),
    Field.IS_MERCHANT: ("加盟店か", "is a merchant"),
    Field.IS_BARRED: ("閉鎖・停止", "closed or frozen"),
    Field.IS_IN_INCIDENT: ("未解決の取引による停止", "held by an incident"),
    Field.ACCOUNT: ("勘定", "account"),
    Field.ADDRESS: ("アドレス", "address"),
    Field.IS_OPEN: ("営業", "open"),
    Field.FACTS: ("署名された名称・口座のハッシュ", "signed hash of names and account"),
    Field.BANK_ACCOUNT: ("振込先の口座のハッシュ", "hash of its bank account"),
    Field.EXPIRY: ("期限", "expiry"),
    Field.EXPIRED: ("失効", "expired"),
    Field.IS_OPENED: ("開始", "opened"),
    Field.LANE: ("枠", "lane"),
    Field.OPENED_BY: ("開始の取引", "operation that opened it"),
    Field.ENDED_BY: ("終了の取引", "operation that ended it"),
    Field.REPLACED_BY: ("次の期限に替えた取引", "operation that replaced it"),
    Field.ROLE: ("役割", "role"),
    Field.ALLOWANCE: ("1日の枠", "allowance"),
    Field.STAFF: ("職員の人数", "number of staff"),
    Field.USED: ("使った枠", "used"),
    Field.CAP: ("上限", "cap"),
    Field.ISSUED: ("発行", "issued"),
    Field.FIRST_DAY: ("初日", "first day"),
    Field.LAST_AS_OF: ("最後の時刻", "last asOf"),
    Field.NEXT_SEQUENCE: ("次の取引番号", "next operation"),
    Field.LAST_SEQUENCE: ("最後の番号", "last operation"),
    Field.LAST_BATCH: ("束の番号", "last batch"),
    Field.DEBITS: ("貸借", "debits and credits"),
    Field.DEBITS_LESS_CREDITS: ("貸借の差", "debits less credits"),
    Field.BUDGET: ("予算額", "budget"),
    Field.GIVEN: ("付与", "given"),
    Field.PAYMENT: ("支払い", "payment"),
}
AGAINST: Mapping[Against, Words] = {
    Against.CHAIN: ("チェーン", "chain"),
    Against.RECORD: ("署名された記録", "signed record"),
    Against.SIGNATURE: ("町の署名", "the town's signature"),
    Against.JOURNAL: ("仕訳の合計", "its journal"),
    Against.CREDITS: ("貸方", "credits"),
    Against.TOP_UPS: ("チャージの合計", "its top-ups"),
    Against.PAYMENTS: ("支払いの一覧", "payments"),
    Against.INCIDENTS: ("未解決の取引", "incidents"),
    Against.RULES: ("program.toml", "program.toml"),
    Against.PIN: ("town.json", "town.json"),
}
OPEN: Mapping[Open, Words] = {
    Open.UNSETTLED: (
        "チェーンに未記録（bandai-town settle --now で記録）",
        "not settled yet (bandai-town settle --now)",
    ),
    Open.LATER: (
        "受付時刻が今より後（時計を確かめる: bandai-town doctor）",
        "accepted later than now; look at the clocks (bandai-town doctor)",
    ),
    Open.IN_FLIGHT: ("チェーンに送信中", "on its way to the chain"),
    Open.NOT_FINAL: ("チェーンで確定待ち", "in a block that is not final"),
    Open.FOREIGN_RECORD: (
        "チェーンが実行した（台帳には書かれない。2名で確かめ、発行者に報告）",
        "carried out by the chain and not in the books; two people look, and tell the issuer",
    ),
    Open.FOREIGN: (
        "チェーンにあるのは、この台帳が締めた束ではない（docs/town-office.md の「町のものでない束」）",
        'on the chain, and not sealed by these books (docs/town-office.md, "A batch that is not the town\'s")',
    ),
    Open.INCIDENT: ("チェーンが受け付けなかった", "skipped by the chain"),
    Open.PREDICTED: ("チェーンが受け付けない見込み", "will be skipped by the chain"),
}
ACCOUNTS: Mapping[AccountClass, Words] = {
    AccountClass.HOLDER: ("利用者", "holder"),
    AccountClass.MERCHANT: ("加盟店", "merchant"),
    AccountClass.CASH: ("現金", "cash"),
    AccountClass.PAYOUT: ("換金済", "redeemed"),
    AccountClass.POINT_EXPENSE: ("ポイントの費用", "point expense"),
    AccountClass.EXPIRED_INCOME: ("失効", "expired income"),
}
LOTS: Mapping[LotKind, Words] = {LotKind.COIN: ("コイン", "coin"), LotKind.POINT: ("ポイント", "point")}
_DATES = frozenset({Field.COIN_EXPIRY, Field.POINT_EXPIRY, Field.EXPIRY})
_DAYS = frozenset({Field.DAY, Field.FIRST_DAY})
_ADDRESS = 20


def place_of(figure: Figure, shop_names: Mapping[int, str]) -> str:
    """Return the name of a figure: its subject with its id, its field, and what the books are compared with."""
    name = (
        shop_names.get(figure.id)
        if figure.subject is Subject.MERCHANT and isinstance(figure.id, int)
        else None
    )
    words = [say(*SUBJECTS[figure.subject]), _id(figure.subject, figure.id), say(*FIELDS[figure.field])]
    place = " ".join(filter(None, words))
    return place + f" / {say(*AGAINST[figure.against])}" + (f" ({name})" if name else "")


def open_line(item: OpenItem) -> str:
    """Return the line for an open item: what it is, why it is open, and what to do."""
    place = f"{say(*SUBJECTS[item.subject])} {_id(item.subject, item.id)}"
    reason = f" - {_reason(item.reason)}" if item.reason is not None else ""
    return f"{place}: {say(*OPEN[item.kind])}{reason}"


def books_of(figure: Figure) -> str:
    """Return the value in the books."""
    if figure.field is Field.INCIDENT and figure.books is None:
        return say("記録なし", "no incident")
    return _value(figure.field, figure.books)


def other_of(figure: Figure) -> str:
    """Return the value on the other side."""
    if figure.field is Field.INCIDENT and figure.other is None:
        return say("実行済み", "carried out")
    return _value(figure.field, figure.other)


def _id(subject: Subject, of: Id) -> str:
    match of:
        case None:
            return ""
        case bytes():
            return _bytes(of)
        case tuple():
            return _composed_id(of)
        case int() if subject is Subject.MERCHANT:
            return f"{of:06d}"
        case int() if subject is Subject.DATE:
            return _date(of)
    return str(of)


def _composed_id(of: Span | StrangeRecord | Holding | RandomNonce | SignerDay | Purse | AccountLot) -> str:
    match of:
        case Span():
            ends = say(f"{of.first}〜{of.last}", f"{of.first} to {of.last}")
            return ends if of.first != of.last else str(of.first)
        case StrangeRecord():
            return _strange(of)
        case Holding():
            return f"{checksum_address(of.holder)} {_date(of.expiry_s)}"
        case RandomNonce():
            return f"{checksum_address(of.payer)} 0x{of.nonce.hex()}"
        case SignerDay():
            return f"{checksum_address(of.signer)} {_day(of.day)}"
        case Purse():
            return _joined(say(*LOTS[of.kind]), of.fund)
        case AccountLot():
            until = _date(of.expiry_s) if of.expiry_s else ""
            return _joined(_account(of.account), say(*LOTS[of.kind]), of.fund, until)


def _strange(of: StrangeRecord) -> str:
    place = say(f"束 {of.batch} の {of.sequence} 番", f"{of.sequence} in batch {of.batch}")
    kind = carried_out(of.kind) if of.kind is not None else None
    what = say(kind.ja, kind.en) if kind else say("中身は不明", "content unknown")
    yen = say(f"{of.amount:,} 円", f"{of.amount:,} yen") if of.amount is not None else ""
    return _joined(place, what, yen, " > ".join(map(checksum_address, of.parties)))


def _value(field: Field, value: Value) -> str:
    match value:
        case None:
            return say("なし", "missing")
        case bool():
            return say("はい", "yes") if value else say("いいえ", "no")
        case Rejection():
            return _reason(value)
        case int() if field in _DATES:
            return _date(value)
        case int() if field in _DAYS:
            return _day(value)
        case bytes():
            return _bytes(value)
        case tuple():
            return _composed(value)
    return str(value) or "-"


def _composed(value: tuple[object, ...]) -> str:
    match value:
        case AccountName():
            return _account(value)
        case Window():
            return say(f"{value.base} から {value.map:#x}", f"from {value.base}: {value.map:#x}")
        case CheckoutState():
            paid = f"0x{value.payment.hex()}" if value.payment else say("未払い", "not paid")
            return say(
                f"加盟店 {value.merchant_number:06d} {value.amount:,} 円 {paid}",
                f"merchant {value.merchant_number:06d} {value.amount:,} yen {paid}",
            )
        case Unreadable():
            return say(f"読めない（{value.part}）", f"unreadable ({value.part})")
        case JournalLine():
            lot = _lot(value.lot) if value.lot else ""
            return _joined(lot, str(value.amount), f"{_account(value.debit)} > {_account(value.credit)}")
        case Entry():
            return f"{value.code} {say(*LOTS[value.kind])}"
    return "; ".join(_composed(item) if isinstance(item, tuple) else str(item) for item in value) or "-"


def _lot(lot: Lot) -> str:
    return _joined(say(*LOTS[lot.kind]), lot.fund, _date(lot.expiry_s) if lot.expiry_s else "")


def _account(account: AccountName) -> str:
    return _joined(say(*ACCOUNTS[account.account_class]), account.reference)


def _reason(reason: Rejection) -> str:
    return say(SENTENCES[reason][0], reason.code)


def _bytes(value: bytes) -> str:
    return checksum_address(value) if len(value) == _ADDRESS else "0x" + value.hex()


def _date(expiry_s: int) -> str:
    """Return the last day of use; '-' for value that does not expire; the number itself, if it is not a date."""
    if not expiry_s:
        return "-"
    try:
        return last_day(expiry_s).isoformat()
    except (OverflowError, ValueError):
        return str(expiry_s)


def _day(day: int) -> str:
    try:
        return jst_date(day * DAY_S * 1000).isoformat()
    except (OverflowError, ValueError):
        return str(day)


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts))
