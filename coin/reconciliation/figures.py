"""Figures: what reconciliation compares, as values. Which thing, which of its fields, what the books say, what the other side says.

Decides the stable codes of subjects, fields and sides; refuses to know a word of any language: each surface (a command,
a page, an answer in JSON) says them itself.
"""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from coin.errors import Rejection
from coin.ledger.accounts import AccountClass
from coin.lots import Lot
from coin.program import LotKind


class Subject(StrEnum):
    """What a figure belongs to; behind each stands what its id is."""

    TOWN = "town"  # None
    OPERATION = "operation"  # its number; its UUID, if it has none
    OPERATIONS = "operations"  # Span of numbers
    BATCH = "batch"  # number
    HOLDER = "holder"  # address
    HOLDING = "holding"  # Holding: what a holder has until a date
    NONCE = "nonce"  # RandomNonce
    MERCHANT = "merchant"  # number
    RETIRED_ADDRESS = "retired_address"  # an address that a shop had before its key was replaced
    LANE = "lane"  # of the calendar, 0 to 3
    DATE = "date"  # expiry, seconds since 1970
    SIGNER = "signer"  # address
    USAGE = "usage"  # SignerDay: what a key has issued on a day
    PERIOD = "period"  # None
    JOURNAL = "journal"  # None
    TRIAL_BALANCE = "trial_balance"  # None, or the Purse of whose lines it is
    BALANCE = "balance"  # AccountLot
    CASH = "cash"  # channel
    FUND = "fund"  # its id in program.toml
    CHECKOUT = "checkout"  # its id


class Field(StrEnum):
    """What of a subject is compared."""

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
    IS_ACCEPTED_IN_TIME = "is_accepted_in_time"
    IS_IN_ORDER = "is_in_order"
    IS_RECEIPT_GENUINE = "is_receipt_genuine"
    INCIDENT = "incident"

    # Of the row that stands beside the journal.
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

    EXPIRY = "expiry_s"
    EXPIRED = "expired"
    IS_OPENED = "is_opened"
    LANE = "lane"
    OPENED_BY = "opened_by"
    ENDED_BY = "ended_by"
    REPLACED_BY = "replaced_by"

    ROLE = "role"
    ALLOWANCE = "allowance"
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
    RECORD = "record"  # what was signed
    SIGNATURE = "signature"  # the town's own, under a receipt
    JOURNAL = "journal"
    CREDITS = "credits"
    TOP_UPS = "top_ups"
    PAYMENTS = "payments"
    INCIDENTS = "incidents"
    RULES = "rules"  # program.toml
    PIN = "pin"  # what the town's folder has pinned


# ------------------------------------------------------------------ ids


class Span(NamedTuple):
    """Numbers of operations, both ends included."""

    first: int
    last: int


class Holding(NamedTuple):
    """What a holder has until a date."""

    holder: bytes
    expiry_s: int


class RandomNonce(NamedTuple):
    """A nonce outside its payer's window."""

    payer: bytes
    nonce: bytes


class SignerDay(NamedTuple):
    """A key that issues, on a day counted from 1970-01-01 in Japan."""

    signer: bytes
    day: int


class Purse(NamedTuple):
    """All value of one kind and fund."""

    kind: LotKind
    fund: str


class AccountName(NamedTuple):
    """How the ledger names an account."""

    account_class: AccountClass
    reference: str


class AccountLot(NamedTuple):
    """A lot of an account, as the balances have it."""

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
    """What moved from an account to another; `lot` is None where the record leaves the lots to the books (redeem)."""

    amount: int
    lot: Lot | None
    debit: AccountName
    credit: AccountName


class Entry(NamedTuple):
    """What a line of the journal is called, and of which value it is."""

    code: str
    kind: LotKind


class CheckoutState(NamedTuple):
    """A checkout as a till sees it; `payment` is the id of the one that paid it."""

    merchant_number: int
    amount: int
    payment: bytes | None


class Unreadable(NamedTuple):
    """Bytes that are no record; `part` is what of them is wrong."""

    part: str


# None: the side has nothing of the kind; of an incident on the chain: the record was carried out.
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
    """One figure on both sides; where `books` and `other` are not equal, it is a difference."""

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
    """Why something that is known is not finished."""

    UNSETTLED = "unsettled"
    LATER = "later"  # accepted after now
    IN_FLIGHT = "in_flight"
    NOT_FINAL = "not_final"
    INCIDENT = "incident"
    PREDICTED = "predicted"


class OpenItem(NamedTuple):
    """Something known that is not finished; of an operation that the chain skips, why it does."""

    kind: Open
    subject: Subject
    id: int | Span
    reason: Rejection | None = None
