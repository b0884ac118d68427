"""The catalogue of record kinds: KINDS has one row with the facts about each kind.

Decides, for each of the twenty kinds, its message, its bytes, who signs, who is debited, what it writes to the journal and
beside it, and its gas bound. The behaviour of a kind is elsewhere: in one file of coin.operations or coin.payments, one
replay rule and one handler of the contract. Tests compare docs/formats.md §3, the contract and the tables of the database
with it.
Source:  docs/formats.md §3.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import cached_property
from types import MappingProxyType

from coin import messages
from coin.messages import WORD, StoredMessage
from coin.program import LotKind
from coin.records.journal_codes import JournalCode
from coin.records.layout import (
    GENERAL,
    ISSUED,
    LOW,
    PACKED,
    SECOND_SIGNATURE,
    SIGNATURE,
    SIGNER,
    TWO,
    Field,
    Form,
    Layout,
    holder,
    merchant,
    raw,
    uint,
)


class Kind(IntEnum):
    """Byte 0 of a record."""

    TOP_UP = 0x01
    REVERSAL = 0x02
    GRANT = 0x03
    PAYMENT = 0x04
    PAYMENT_GENERAL = 0x05
    SEND = 0x06
    SEND_GENERAL = 0x07
    TICKET = 0x08
    REFUND = 0x09
    CANCEL = 0x0A
    REDEEM = 0x0B
    ADVANCE = 0x0C
    FREEZE = 0x0D
    UNFREEZE = 0x0E
    RECOVER = 0x0F
    FORCED_TRANSFER = 0x10
    MERCHANT = 0x11
    CALENDAR = 0x12
    EXPIRE = 0x13
    ROLE = 0x14


class SignedBy(Enum):
    """Who signs a record."""

    PAYER = "the holder whose value or nonce it is"
    PAYER_AND_TICKET = "the payer a permit, the ticket's key how it is spent"
    MERCHANT = "the shop, with a nonce of its own window"
    CHANNEL = "a signer with the role channel"
    CASHIER = "a signer with the role cashier"
    GRANTS = "a signer with the role grants"
    STAFF = "one of staff for a short time, two for longer"
    TWO_STAFF = "two distinct signers with the role staff"
    NOBODY = "nobody: time does"


@dataclass(frozen=True)
class GasBound:
    """An upper bound of a record's gas; contracts/gas.json has measured values.

    Shapes:  `first_touches`: field of the message → gas of the first touch of that account in a batch. Empty for kinds whose
             `record` includes it.
    """

    record: int
    first_touches: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordKind:
    """The facts about one kind of record.

    Shapes:  `messages`: the signed messages: one, for a ticket two. The journal has the words of the first.
             `signer`, `debited`: the fields of that message with the (first) signer, whose nonce it uses, and with the account
             that pays.
             `codes`: its possible journal codes, by the kind of value; empty, if it moves none.
             `own_table`: the table with a row for each record beside the journal.
             `history`: its name in a wallet's history. `changes_period`: whether it changes the period's cap or sum.
             `gas`: 0 until a release implements the kind. `general_form`: the kind that says the same with its times in full.
    """

    kind: Kind
    ja: str
    en: str
    messages: tuple[type[StoredMessage], ...]
    layout: Layout
    signed_by: SignedBy
    signer: str | None = None
    debited: str | None = None
    codes: Mapping[LotKind, tuple[JournalCode, ...]] = field(default_factory=dict)
    own_table: str | None = None
    history: str = "other"
    changes_period: bool = False
    gas: GasBound = GasBound(0)
    is_carried_out: bool = True
    general_form: Kind | None = None

    @property
    def message(self) -> type[StoredMessage]:
        """The message whose words are in the journal."""
        return self.messages[0]

    @cached_property
    def size(self) -> int:
        """The size of a record in bytes."""
        return 1 + sum(item.size for item in self.layout)

    @cached_property
    def signatures(self) -> int:
        """The number of signatures in a record."""
        return sum(item.form is Form.SIGNATURE for item in self.layout)

    @cached_property
    def is_packed(self) -> bool:
        """Whether the record has its validity as seconds after asOf, and no validAfter."""
        return any(item.form is Form.SINCE for item in self.layout)

    @cached_property
    def valid_before(self) -> slice | None:
        """The position of validBefore in the words; None, if it has none."""
        return (
            self.word("validBefore")
            if any(name == "validBefore" for _, name in self.message.TYPE.fields)
            else None
        )

    @cached_property
    def first_touches(self) -> tuple[tuple[slice, int], ...]:
        """The positions in the words of accounts whose first touch in a batch costs gas, with that gas."""
        return tuple((self.address(name), gas) for name, gas in self.gas.first_touches.items())

    def form_of(self, name: str) -> Form | None:
        """Return the form of a message's value in the record; None, if it is not in the record."""
        return next((item.form for item in self.layout if item.name == name), None)

    def word(self, name: str) -> slice:
        """Return the position of a field in the words."""
        place = [field_name for _, field_name in self.message.TYPE.fields].index(name)
        return slice(WORD * place, WORD * (place + 1))

    def address(self, name: str) -> slice:
        """Return the position of an address's 20 bytes in the words."""
        word = self.word(name)
        return slice(word.stop - 20, word.stop)


def _always(*codes: JournalCode) -> Mapping[LotKind, tuple[JournalCode, ...]]:
    return MappingProxyType(dict.fromkeys(LotKind, codes))


FIRST_TOUCH_GAS = 6_500  # the payer holds value, and a shop is registered: an existing word changes
FIRST_WRITE_GAS = 26_000  # a receiver may be new: the word is created
# Authorizations share the words of accounts: each is read and written once in a batch. Other kinds include this gas.
_TO_A_SHOP = {"to": FIRST_TOUCH_GAS, "from": FIRST_TOUCH_GAS}
_TO_A_HOLDER = {"to": FIRST_WRITE_GAS, "from": FIRST_TOUCH_GAS}

_ROWS = (
    RecordKind(
        Kind.TOP_UP,
        "チャージ",
        "top-up",
        (messages.TopUp,),
        (SIGNER, holder("holder"), *ISSUED, raw("reference"), LOW, SIGNATURE),
        SignedBy.CHANNEL,
        signer="channel",
        codes={LotKind.COIN: (JournalCode.TOP_UP,), LotKind.POINT: (JournalCode.BONUS,)},
        own_table="top_up",
        history="top_up",
        changes_period=True,
        gas=GasBound(95_000),
    ),
    RecordKind(
        Kind.REVERSAL,
        "チャージ取消",
        "reversal",
        (messages.Reversal,),
        (raw("original"), holder("holder"), *ISSUED, *TWO),
        SignedBy.TWO_STAFF,
        signer="first",
        debited="holder",
        codes=_always(JournalCode.REVERSAL),
        changes_period=True,
        is_carried_out=False,
    ),
    RecordKind(
        Kind.GRANT,
        "給付",
        "grant",
        (messages.Grant,),
        (SIGNER, holder("holder"), uint("amount", 3), uint("expiry", 5), raw("fund"), LOW, SIGNATURE),
        SignedBy.GRANTS,
        signer="signer",
        codes={LotKind.POINT: (JournalCode.GRANT,)},
        changes_period=True,
        is_carried_out=False,
    ),
    RecordKind(
        Kind.PAYMENT,
        "支払い",
        "payment",
        (messages.TransferWithAuthorization,),
        (holder("from"), merchant("to"), *PACKED),
        SignedBy.PAYER,
        signer="from",
        debited="from",
        codes=_always(JournalCode.PAYMENT),
        own_table="payment",
        history="payment",
        gas=GasBound(9_000, _TO_A_SHOP),
        general_form=Kind.PAYMENT_GENERAL,
    ),
    RecordKind(
        Kind.PAYMENT_GENERAL,
        "支払い（一般形）",
        "payment, general",
        (messages.TransferWithAuthorization,),
        (holder("from"), merchant("to"), *GENERAL),
        SignedBy.PAYER,
        signer="from",
        debited="from",
        codes=_always(JournalCode.PAYMENT),
        own_table="payment",
        history="payment",
        gas=GasBound(33_000, _TO_A_SHOP),
    ),
    RecordKind(
        Kind.SEND,
        "送金",
        "send",
        (messages.TransferWithAuthorization,),
        (holder("from"), holder("to"), *PACKED),
        SignedBy.PAYER,
        signer="from",
        debited="from",
        codes=_always(JournalCode.SEND),
        own_table="payment",
        history="send",
        gas=GasBound(9_500, _TO_A_HOLDER),
        general_form=Kind.SEND_GENERAL,
    ),
    RecordKind(
        Kind.SEND_GENERAL,
        "送金（一般形）",
        "send, general",
        (messages.TransferWithAuthorization,),
        (holder("from"), holder("to"), *GENERAL),
        SignedBy.PAYER,
        signer="from",
        debited="from",
        codes=_always(JournalCode.SEND),
        own_table="payment",
        history="send",
        gas=GasBound(33_000, _TO_A_HOLDER),
    ),
    RecordKind(
        Kind.TICKET,
        "チケット",
        "ticket",
        (messages.SpendPermit, messages.TicketSpend),
        (
            holder("payer"),
            merchant("payee"),
            raw("ticketKey", 20),
            uint("maxValue", 3),
            uint("amount", 3),
            uint("validBefore", 5),
            raw("nonce"),
            SIGNATURE,
            SECOND_SIGNATURE,
        ),
        SignedBy.PAYER_AND_TICKET,
        signer="payer",
        debited="payer",
        codes=_always(JournalCode.TICKET),
        is_carried_out=False,
    ),
    RecordKind(
        Kind.REFUND,
        "返金",
        "refund",
        (messages.Refund,),
        (
            merchant("merchant"),
            holder("payer"),
            uint("amount", 3),
            uint("expiry", 5),
            raw("payment"),
            LOW,
            SIGNATURE,
        ),
        SignedBy.MERCHANT,
        signer="merchant",
        debited="merchant",
        codes=_always(JournalCode.REFUND, JournalCode.EXPIRY),
        is_carried_out=False,
    ),
    RecordKind(
        Kind.CANCEL,
        "取消",
        "cancel",
        (messages.CancelAuthorization,),
        (holder("authorizer"), raw("nonce"), SIGNATURE),
        SignedBy.PAYER,
        signer="authorizer",
        gas=GasBound(34_000),
    ),
    RecordKind(
        Kind.REDEEM,
        "償却",
        "redeem",
        (messages.Redeem,),
        (SIGNER, merchant("merchant"), uint("amount", 8), raw("payout"), LOW, SIGNATURE),
        SignedBy.CASHIER,
        signer="cashier",
        debited="merchant",
        codes=_always(JournalCode.REDEEM),
        own_table="redeem",
        gas=GasBound(35_000),
    ),
    RecordKind(
        Kind.ADVANCE,
        "立替",
        "advance",
        (messages.Advance,),
        (SIGNER, merchant("merchant"), uint("amount", 8), raw("refund"), LOW, SIGNATURE),
        SignedBy.CASHIER,
        signer="cashier",
        codes={LotKind.COIN: (JournalCode.ADVANCE,)},
        is_carried_out=False,
    ),
    RecordKind(
        Kind.FREEZE,
        "凍結",
        "freeze",
        (messages.Freeze,),
        (holder("account"), uint("until", 5), *TWO),
        SignedBy.STAFF,
        signer="first",
        is_carried_out=False,
    ),
    RecordKind(
        Kind.UNFREEZE,
        "凍結の解除",
        "unfreeze",
        (messages.Unfreeze,),
        (holder("account"), *TWO),
        SignedBy.TWO_STAFF,
        signer="first",
        is_carried_out=False,
    ),
    RecordKind(
        Kind.RECOVER,
        "復旧",
        "recover",
        (messages.Recover,),
        (holder("from"), holder("to"), *TWO),
        SignedBy.TWO_STAFF,
        signer="first",
        debited="from",
        codes=_always(JournalCode.RECOVER),
        is_carried_out=False,
    ),
    RecordKind(
        Kind.FORCED_TRANSFER,
        "強制移転",
        "forced transfer",
        (messages.ForcedTransfer,),
        (holder("from"), Field("to", Form.PARTY, 2), uint("amount", 3), raw("reason"), *TWO),
        SignedBy.TWO_STAFF,
        signer="first",
        debited="from",
        codes=_always(JournalCode.FORCED_TRANSFER),
        is_carried_out=False,
    ),
    RecordKind(
        Kind.MERCHANT,
        "加盟店",
        "merchant",
        (messages.Merchant,),
        (
            holder("account"),
            merchant("account"),
            Field("replaced", Form.REPLACED, 2),
            uint("number", 4),
            uint("status", 1),
            raw("facts"),
            *TWO,
        ),
        SignedBy.TWO_STAFF,
        signer="first",
        gas=GasBound(135_000),
    ),
    RecordKind(
        Kind.CALENDAR,
        "期限の開設",
        "calendar",
        (messages.Calendar,),
        (uint("lane", 1), uint("expiry", 5), *TWO),
        SignedBy.TWO_STAFF,
        signer="first",
        gas=GasBound(90_000),
    ),
    RecordKind(
        Kind.EXPIRE,
        "失効",
        "expire",
        (messages.Expire,),
        (uint("expiry", 5),),
        SignedBy.NOBODY,
        codes=_always(JournalCode.EXPIRY),
        history="expiry",
        gas=GasBound(45_000),
    ),
    RecordKind(
        Kind.ROLE,
        "権限",
        "role",
        (messages.Role,),
        (raw("account", 20), uint("role", 1), uint("allowance", 8), *TWO),
        SignedBy.TWO_STAFF,
        signer="first",
        changes_period=True,
        gas=GasBound(75_000),
    ),
)
KINDS: Mapping[int, RecordKind] = MappingProxyType({row.kind: row for row in _ROWS})
PAYMENTS = frozenset(row.kind for row in _ROWS if row.own_table == "payment")


def carried_out(number: int) -> RecordKind | None:
    """Return the row of a kind that this release implements; None, if there is none with that number."""
    row = KINDS.get(number)
    return row if row and row.is_carried_out else None


def kinds_writing(code: JournalCode) -> list[int]:
    """Return the kinds that write lines with that code, for a query."""
    return [row.kind for row in _ROWS if any(code in codes for codes in row.codes.values())]


def debits_of_holders() -> dict[str, list[int]]:
    """Return, for a query that joins records with the wallets that they debit, the kinds and the positions of the address in
    the words.

    Shapes:  two columns of one length, `kinds` and `places`; a place counts from 1, as SQL's `substring` does.
    """
    rows = [row for row in _ROWS if row.debited and row.form_of(row.debited) is Form.HOLDER]
    return {
        "kinds": [row.kind for row in rows],
        "places": [row.address(row.debited).start + 1 for row in rows if row.debited],
    }
