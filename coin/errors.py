"""Every error that a person or a program can get, and the ranked ladder of rejections.

    CoinError                 anything with a stable code that its receiver can act on
    ├── InvalidInput          a field, line, key or payload is wrong; names the field and the reason
    ├── Rejected              a well-formed operation that a rule of the ladder refuses; nothing moved
    │   └── QuotaUsed         what the caller may do in a day is used up; try again tomorrow
    ├── NotFound              the named thing does not exist, or is not the caller's to see
    ├── Unauthorized          no credential, or one that is expired, revoked or forged
    ├── Forbidden             the credential is good but has no right to this
    ├── Conflict              the same key was used before for something else
    ├── TooManyRequests       a rate limit was exceeded; try later
    └── Unavailable           something we depend on (database, chain) does not answer; nothing was lost

InvariantBroken is outside this tree on purpose: nothing may catch it.
"""

from collections.abc import Sequence
from enum import IntEnum


class Rejection(IntEnum):
    """Why an operation is refused. If several reasons apply, the one with the lowest number is the answer, everywhere.

    The numbers are the Solidity enum `Reason` and the rows of the SQL table `rejection`; a test holds the
    three equal. Numbers are never used again.
    """

    NONE = 0
    SIGNATURE_INVALID = 1
    SIGNER_NOT_AUTHORIZED = 2
    CHECKOUT_UNKNOWN = 3
    CHECKOUT_MISMATCH = 4
    CHECKOUT_PAID = 5
    CHECKOUT_EXPIRED = 6
    NONCE_OUT_OF_WINDOW = 7
    NONCE_USED = 8
    AUTHORIZATION_NOT_YET_VALID = 9
    AUTHORIZATION_EXPIRED = 10
    AUTHORIZATION_TIMES_UNSUPPORTED = 11
    HOLDER_UNKNOWN = 12
    HOLDER_IS_MERCHANT = 13
    SELF_TRANSFER = 14
    ACCOUNT_CLOSED = 15
    ACCOUNT_FROZEN = 16
    ACCOUNT_EXITING = 17
    ACCOUNT_IN_INCIDENT = 18
    MERCHANT_NOT_REGISTERED = 19
    MERCHANT_CLOSED = 20
    MERCHANT_NUMBER_INVALID = 21
    ADDRESS_IN_USE = 22
    STATUS_INVALID = 23
    AMOUNT_INVALID = 24
    PAYMENT_LIMIT = 25
    SEND_LIMIT = 26
    CHARGE_UNIT = 27
    CHARGE_LIMIT = 28
    BALANCE_LIMIT = 29
    BONUS_DIFFERS = 30
    BUDGET_EXHAUSTED = 31
    REFERENCE_USED = 32
    ORIGINAL_UNKNOWN = 33
    ORIGINAL_REVERSED = 34
    INSUFFICIENT_BALANCE = 35
    INSUFFICIENT_REDEEMABLE = 36
    DATE_INVALID = 37
    DATE_NOT_IN_CALENDAR = 38
    DATE_PASSED = 39
    DATE_NOT_REACHED = 40
    LANE_OCCUPIED = 41
    LANE_FULL = 42
    ALLOWANCE_EXCEEDED = 43
    CAP_EXCEEDED = 44
    ROLE_INVALID = 45
    FREEZE_TOO_LONG = 46
    TICKET_USED = 47
    TICKET_END = 48
    RECOVER_REFUSED = 49
    AUTHORIZATION_TOO_SHORT = 50
    HOLDER_WITHOUT_VALUE = 51
    DAILY_QUOTA = 52
    STAFF_TOO_FEW = 53

    @property
    def code(self) -> str:
        """The stable code for programs, for example `insufficient_balance`."""
        return self.name.lower()


class CoinError(Exception):
    """An error with a stable `code`, a Japanese sentence, an English one, and the field it is about."""

    code = "error"

    def __init__(self, ja: str, en: str, *, field: str | None = None, code: str | None = None) -> None:
        super().__init__(f"{ja} / {en}")
        self.ja = ja
        self.en = en
        self.field = field
        if code is not None:
            self.code = code


class InvalidInput(CoinError):
    """A field, CSV line, TOML key or QR payload is wrong; `field` names it."""

    code = "invalid_input"


class MalformedBatch(InvalidInput):
    """The columns of a batch do not fit together; nothing was computed."""

    code = "malformed_batch"


_LONGEST_PLACE = 80  # a wild file has names without an end


class FileProblem(InvalidInput):
    """One mistake in a file that people write; `line` counts from 1, `field` names the key or column."""

    def __init__(self, ja: str, en: str, *, file_name: str, line: int, field: str, code: str) -> None:
        field = field if len(field) <= _LONGEST_PLACE else field[:_LONGEST_PLACE] + "…"
        place_ja = f"{file_name} {line}行目" + (f"「{field}」" if field else "")
        place_en = f"{file_name} line {line}" + (f", {field}" if field else "")
        super().__init__(f"{place_ja}: {ja}", f"{place_en}: {en}", field=field, code=code)
        self.file_name = file_name
        self.line = line
        self.reason = (ja, en)  # without the line


def file_unreadable(path: object, *, field: str) -> "InvalidInput":
    """Return the error for a file that exists and cannot be read: a folder, or a file of another user."""
    return InvalidInput(
        f"{path} を読めません。ファイルかどうか、読む権限があるかを確かめてください。",
        f"{path} cannot be read; is it a file, and may you read it?",
        field=field,
        code="file_unreadable",
    )


class InvalidFile(InvalidInput):
    """A file with mistakes; `problems` names them all by line. Nothing of the file was used."""

    code = "invalid_file"

    def __init__(self, file_name: str, problems: Sequence[FileProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        count = len(self.problems)
        ja = [f"{file_name} に誤りが {count} 件あります。", *(p.ja for p in self.problems)]
        en = [f"{file_name} has {count} problem(s).", *(p.en for p in self.problems)]
        super().__init__("\n".join(ja), "\n".join(en))


class Rejected(CoinError):
    """A well-formed operation that the ladder refuses; nothing moved."""

    def __init__(self, reason: Rejection, *, field: str | None = None) -> None:
        ja, en = SENTENCES[reason]
        super().__init__(ja, en, field=field, code=reason.code)
        self.reason = reason


class QuotaUsed(Rejected):
    """What the caller may do in a day is used up; the next day begins in `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(Rejection.DAILY_QUOTA)
        self.retry_after_s = retry_after_s


class NotFound(CoinError):
    """The named thing does not exist, or is not the caller's to see."""

    code = "not_found"


class Unauthorized(CoinError):
    """No credential, or one that is expired, revoked or forged."""

    code = "unauthorized"


class Forbidden(CoinError):
    """The credential is good but has no right to this."""

    code = "forbidden"


class Conflict(CoinError):
    """The same key was used before for something else."""

    code = "conflict"


class TooManyRequests(CoinError):
    """A rate limit was exceeded."""

    code = "too_many_requests"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"アクセスが集中しています。{retry_after_s} 秒後にもう一度お試しください。",
            f"Too many requests; try again in {retry_after_s} s.",
        )
        self.retry_after_s = retry_after_s


class Unavailable(CoinError):
    """Something we depend on does not answer; nothing was lost."""

    code = "unavailable"


class InvariantBroken(Exception):
    """An invariant of docs/invariants.md does not hold. Never caught: the process stops and people look."""


SENTENCES: dict[Rejection, tuple[str, str]] = {
    Rejection.NONE: ("受け付けました。", "Accepted."),
    Rejection.SIGNATURE_INVALID: ("署名が正しくありません。", "The signature is not valid."),
    Rejection.SIGNER_NOT_AUTHORIZED: (
        "この操作に必要な権限がありません。",
        "The signer does not have the right for this.",
    ),
    Rejection.CHECKOUT_UNKNOWN: ("お会計が見つかりません。", "The checkout does not exist."),
    Rejection.CHECKOUT_MISMATCH: (
        "お会計の内容と支払いの内容が違います。",
        "The payment does not match the checkout.",
    ),
    Rejection.CHECKOUT_PAID: ("このお会計は支払い済みです。", "The checkout has been paid already."),
    Rejection.CHECKOUT_EXPIRED: (
        "このお会計は終わっています（期限が過ぎたか、お店が取り消しました）。",
        "The checkout has ended: its time has passed, or the shop cancelled it.",
    ),
    Rejection.NONCE_OUT_OF_WINDOW: (
        "支払い番号が使える範囲にありません。",
        "The nonce is outside its window.",
    ),
    Rejection.NONCE_USED: ("この支払い番号は使用済みです。", "The nonce has been used."),
    Rejection.AUTHORIZATION_NOT_YET_VALID: ("まだ使えない承認です。", "The authorization is not valid yet."),
    Rejection.AUTHORIZATION_EXPIRED: ("承認の有効時間が過ぎました。", "The authorization has expired."),
    Rejection.AUTHORIZATION_TIMES_UNSUPPORTED: (
        "承認の有効時間が扱える範囲にありません。",
        "The validity times are out of range.",
    ),
    Rejection.HOLDER_UNKNOWN: ("登録されていないウォレットです。", "The wallet is not registered."),
    Rejection.HOLDER_IS_MERCHANT: (
        "加盟店の口座はこの操作に使えません。",
        "A merchant's account cannot be used here.",
    ),
    Rejection.SELF_TRANSFER: ("自分自身には送れません。", "A holder cannot send to itself."),
    Rejection.ACCOUNT_CLOSED: ("この口座は閉鎖されています。", "The account is closed."),
    Rejection.ACCOUNT_FROZEN: ("この口座は一時停止中です。", "The account is frozen."),
    Rejection.ACCOUNT_EXITING: ("この口座は退出の手続き中です。", "The account has requested its exit."),
    Rejection.ACCOUNT_IN_INCIDENT: (
        "この口座は確認中のため使えません。",
        "The account has an open incident.",
    ),
    Rejection.MERCHANT_NOT_REGISTERED: (
        "登録された加盟店ではありません。",
        "The payee is not a registered merchant.",
    ),
    Rejection.MERCHANT_CLOSED: ("この加盟店は取扱いを終了しました。", "The merchant is closed."),
    Rejection.MERCHANT_NUMBER_INVALID: (
        "加盟店番号が正しくありません。",
        "The merchant number is not valid.",
    ),
    Rejection.ADDRESS_IN_USE: ("このアドレスはほかで使われています。", "The address is in use."),
    Rejection.STATUS_INVALID: ("状態の値が正しくありません。", "The status is not valid."),
    Rejection.AMOUNT_INVALID: ("金額が扱える範囲にありません。", "The amount is out of range."),
    Rejection.PAYMENT_LIMIT: ("1回の支払いの上限を超えています。", "The limit of one payment is exceeded."),
    Rejection.SEND_LIMIT: ("送れる金額の上限を超えています。", "The limit of sends is exceeded."),
    Rejection.CHARGE_UNIT: ("チャージできる単位ではありません。", "The amount is not a unit of charge."),
    Rejection.CHARGE_LIMIT: ("チャージの上限を超えています。", "The limit of charges is exceeded."),
    Rejection.BALANCE_LIMIT: ("残高の上限を超えます。", "The limit of the balance would be exceeded."),
    Rejection.BONUS_DIFFERS: (
        "特典のポイント数が変わりました。",
        "The bonus differs from the present quote.",
    ),
    Rejection.BUDGET_EXHAUSTED: ("予算が終了しました。", "The budget is exhausted."),
    Rejection.REFERENCE_USED: ("この参照番号は取込済です。", "The reference has been used."),
    Rejection.ORIGINAL_UNKNOWN: ("元の取引が見つかりません。", "The original does not exist."),
    Rejection.ORIGINAL_REVERSED: ("元の取引は訂正済みです。", "The original has been reversed."),
    Rejection.INSUFFICIENT_BALANCE: ("残高が足りません。", "The balance is not sufficient."),
    Rejection.INSUFFICIENT_REDEEMABLE: (
        "換金できる残高が足りません。",
        "The redeemable balance is not sufficient.",
    ),
    Rejection.DATE_INVALID: ("有効期限の日付が正しくありません。", "The date is not valid."),
    Rejection.DATE_NOT_IN_CALENDAR: ("この有効期限は使われていません。", "The date is not in the calendar."),
    Rejection.DATE_PASSED: ("有効期限が過ぎています。", "The date has passed."),
    Rejection.DATE_NOT_REACHED: ("まだ期限が来ていません。", "The date has not been reached."),
    Rejection.LANE_OCCUPIED: ("期限の枠が使用中です。", "The lane is occupied."),
    Rejection.LANE_FULL: ("1つの期限に持てる上限を超えます。", "One date can hold at most 16,777,215."),
    Rejection.ALLOWANCE_EXCEEDED: ("発行窓口の本日の枠を超えます。", "The channel's allowance is exceeded."),
    Rejection.CAP_EXCEEDED: ("発行総額の上限を超えます。", "The cap of the period is exceeded."),
    Rejection.ROLE_INVALID: ("役割の値が正しくありません。", "The role is not valid."),
    Rejection.FREEZE_TOO_LONG: (
        "72時間を超える停止には2人の承認が必要です。",
        "A freeze over 72 h needs two people.",
    ),
    Rejection.TICKET_USED: ("この券は使用済みです。", "The ticket has been used."),
    Rejection.TICKET_END: ("券の期限が正しくありません。", "The end of the ticket is not valid."),
    Rejection.RECOVER_REFUSED: ("この口座は引き継げません。", "The account cannot be recovered."),
    Rejection.AUTHORIZATION_TOO_SHORT: (
        "承認の有効時間が短すぎます。残りが30分以上ある承認だけを受け付けます。",
        "The authorization has less than 30 minutes to live.",
    ),
    Rejection.HOLDER_WITHOUT_VALUE: (
        "このウォレットには、まだ一度もお金が入っていません。取り消すものはなく、支払うには先にチャージが要ります。",
        "The wallet has never held value: there is nothing to cancel, and it must be charged before it can pay.",
    ),
    Rejection.DAILY_QUOTA: (
        "今日の回数の上限に達しました。日付が変わる午前0時から、また使えます。",
        "The day's quota is used up; the next day begins at 00:00 in Japan.",
    ),
    Rejection.STAFF_TOO_FEW: (
        "職員の鍵が2人分より少なくなります。",
        "Fewer than two staff would be left.",
    ),
}
