"""Figures: what reconciliation compares, as values: the subject, the field, the value in the books, the value on the other
side.

Decides the stable codes of subjects, fields and sides. Has no text in any language: each user interface (a command, a page)
has its own.
"""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from coin.errors import Rejection
from coin.ledger.accounts import AccountClass
from coin.lots import Lot
from coin.program import LotKind


class Subject(StrEnum):
    """What a figure is about; the comment after each says what its id is."""

    TOWN = "town"  # None
    OPERATION = "operation"  # its number; if it has none, its UUID
    OPERATIONS = "operations"  # Span of numbers
    BATCH = "batch"  # number
    FOREIGN_RECORD = "foreign_record"  # StrangeRecord
    HOLDER = "holder"  # address
    HOLDING = "holding"  # Holding
    NONCE = "nonce"  # RandomNonce
    MERCHANT = "merchant"  # number
    RETIRED_ADDRESS = "retired_address"  # a shop's address before its key was replaced
    LANE = "lane"  # of the calendar, 0 to 3
    DATE = "date"  # expiry, seconds since 1970
    SIGNER = "signer"  # address
    USAGE = "usage"  # SignerDay
    PERIOD = "period"  # None
    JOURNAL = "journal"  # None
    TRIAL_BALANCE = "trial_balance"  # None, or the Purse of the lines
    BALANCE = "balance"  # AccountLot
    CASH = "cash"  # channel
    FUND = "fund"  # its id in program.toml
    CHECKOUT = "checkout"  # its id


class Field(StrEnum):
    """The field of a subject that is compared."""

    EXISTS = "exists"
    RECORD = "record"

    CHAIN = "chain"
    CONTRACT = "contract"
    RECEIPTS_KEY = "receipts_key"
    MERCHANTS_TOTAL = "merchants_total"
    TOTAL_SUPPLY = "total_supply"

    LINES = "lines"
    ENTRIES = "entries"
    KIND = "kind"
    ACCEPTED_AT = "accepted_at_ms"
    HAS_A_TIME = "has_a_time"
    FISCAL_YEARS = "fiscal_years"
    ACTOR = "actor"
    LISTS = "lists"
    SAME_WORDS_AS = "same_words_as"
    IS_ACCEPTED_IN_TIME = "is_accepted_in_time"
    IS_IN_ORDER = "is_in_order"
    IS_RECEIPT_GENUINE = "is_receipt_genuine"
    INCIDENT = "incident"

    # Fields of the row beside the journal.
    DIGEST = "digest"
    LISTED_KIND = "listed_kind"
    LISTED_ACCEPTED_AT = "listed_accepted_at_ms"
    PAYER = "payer"
    PAYEE = "payee"
    AMOUNT = "amount"
    NONCE = "nonce"
    MERCHANT_NUMBER = "merchant_number"
    CHANNEL = "channel"
    SIGNER = "signer"
    HOLDER = "holder"
    COINS = "coins"
    COIN_EXPIRY = "coin_expiry_s"
    POINTS = "points"
    POINT_EXPIRY = "point_expiry_s"
    REFERENCE = "reference"
    DAY = "day"
    PAYOUT = "payout"

    BYTES = "bytes"
    TRANSACTION = "transaction"
    BLOCK = "block"
    BLOCK_HASH = "block_hash"
    FIRST_SEQUENCE = "first_sequence"
    COUNT = "count"
    AS_OF = "as_of_s"
    DATA_HASH = "data_hash"
    LAST_ACCEPTANCE = "last_acceptance_s"
    IS_SHORT = "is_short"

    BALANCE = "balance"
    NONCES = "nonces"
    IS_USED = "is_used"
    IS_MERCHANT = "is_merchant"
    IS_BARRED = "is_barred"
    IS_IN_INCIDENT = "is_in_incident"
    ACCOUNT = "account"
    ADDRESS = "address"
    IS_OPEN = "is_open"
    FACTS = "facts"
    BANK_ACCOUNT = "bank_account"

    EXPIRY = "expiry_s"
    EXPIRED = "expired"
    IS_OPENED = "is_opened"
    LANE = "lane"
    OPENED_BY = "opened_by"
    ENDED_BY = "ended_by"
    REPLACED_BY = "replaced_by"

    ROLE = "role"
    ALLOWANCE = "allowance"
    STAFF = "staff"
    USED = "used"
    CAP = "cap"
    ISSUED = "issued"
    FIRST_DAY = "first_day"

    LAST_AS_OF = "last_as_of_s"
    NEXT_SEQUENCE = "next_sequence"
    LAST_SEQUENCE = "last_sequence"
    LAST_BATCH = "last_batch"

    DEBITS = "debits"
    DEBITS_LESS_CREDITS = "debits_less_credits"
    BUDGET = "budget"
    GIVEN = "given"
    PAYMENT = "payment"


class Against(StrEnum):
    """What the books are compared with."""

    CHAIN = "chain"
    RECORD = "record"  # the signed record
    SIGNATURE = "signature"  # the town's, of a receipt
    JOURNAL = "journal"
    CREDITS = "credits"
    TOP_UPS = "top_ups"
    PAYMENTS = "payments"
    INCIDENTS = "incidents"
    RULES = "rules"  # program.toml
    PIN = "pin"  # the pin in the town's folder


# ------------------------------------------------------------------ ids


class Span(NamedTuple):
    """A range of operation numbers, both ends included."""

    first: int
    last: int


class StrangeRecord(NamedTuple):
    """A record in a foreign batch by the chain's number; its content, if it is known: kind, amount, and who is named in it."""

    batch: int
    sequence: int
    kind: int | None = None
    amount: int | None = None
    parties: tuple[bytes, ...] = ()


class Holding(NamedTuple):
    """A holder's value with an expiry."""

    holder: bytes
    expiry_s: int


class RandomNonce(NamedTuple):
    """A random nonce of a payer."""

    payer: bytes
    nonce: bytes


class SignerDay(NamedTuple):
    """A key that issues, and a day counted from 1970-01-01 in Japan."""

    signer: bytes
    day: int


class Purse(NamedTuple):
    """All value of one kind and fund."""

    kind: LotKind
    fund: str


class AccountName(NamedTuple):
    """The ledger's name of an account."""

    account_class: AccountClass
    reference: str


class AccountLot(NamedTuple):
    """A lot of an account in the balances."""

    account: AccountName
    kind: LotKind
    expiry_s: int
    fund: str


Id = (
    int
    | str
    | bytes
    | UUID
    | Span
    | StrangeRecord
    | Holding
    | RandomNonce
    | SignerDay
    | Purse
    | AccountLot
    | None
)  # fmt: skip

# ------------------------------------------------------------------ values


class Window(NamedTuple):
    """A nonce window; bit i of the map is base + i."""

    base: int
    map: int

    @classmethod
    def of_bits(cls, base: int, bits: str) -> "Window":
        """Read the columns nonce_base and nonce_map: the first bit of the text is the base."""
        return cls(base, int(bits[::-1], 2))


class JournalLine(NamedTuple):
    """A movement between accounts; `lot` is None if the record does not determine the lots (redeem)."""

    amount: int
    lot: Lot | None
    debit: AccountName
    credit: AccountName


class Entry(NamedTuple):
    """The code of a journal line, and its kind of value."""

    code: str
    kind: LotKind


class CheckoutState(NamedTuple):
    """A checkout as a till sees it; `payment` is the id of the payment that paid it."""

    merchant_number: int
    amount: int
    payment: bytes | None


class Unreadable(NamedTuple):
    """Bytes that are not a record; `part` is the part that is wrong."""

    part: str


# None: this side has no such thing; for an incident on the chain: the record was executed.
Value = (
    int
    | str
    | bytes
    | Rejection
    | AccountName
    | Window
    | CheckoutState
    | Unreadable
    | tuple[JournalLine, ...]
    | tuple[Entry, ...]
    | tuple[str, ...]
    | tuple[int, ...]
    | None
)  # fmt: skip


class Figure(NamedTuple):
    """One figure on both sides; if `books` and `other` are not equal, it is a difference."""

    subject: Subject
    id: Id
    field: Field
    books: Value
    other: Value
    against: Against = Against.RECORD

    @property
    def differs(self) -> bool:
        """Whether the two sides are not equal."""
        return self.books != self.other


# ------------------------------------------------------------------ what is open


class Open(StrEnum):
    """Why an item is open."""

    UNSETTLED = "unsettled"
    LATER = "later"  # accepted after now
    IN_FLIGHT = "in_flight"
    NOT_FINAL = "not_final"
    FOREIGN_RECORD = "foreign_record"  # carried out by the chain, and not in these books
    FOREIGN = "foreign"  # on the chain under a number of ours, and not what these books sealed
    INCIDENT = "incident"
    PREDICTED = "predicted"


class OpenItem(NamedTuple):
    """An open item; for an operation that the chain skips, with the reason."""

    kind: Open
    subject: Subject
    id: int | Span | StrangeRecord
    reason: Rejection | None = None
