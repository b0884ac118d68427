"""The bodies of /v1. What comes in is strict: no unknown field, no number that is text, a float or a truth value."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from coin.payments.checkouts import MAX_AMOUNT_YEN, MAX_REFERENCE, CheckoutStatus
from coin.payments.progress import PaymentStatus
from coin.program import LotKind
from coin.registry.wallets import MAX_LEASE

MAX_AUTHORIZATIONS = 100
_UINT256_END = 1 << 256

Address = Annotated[str, StringConstraints(pattern="^0x[0-9a-fA-F]{40}$")]
Bytes32 = Annotated[str, StringConstraints(pattern="^0x[0-9a-fA-F]{64}$")]
SignatureText = Annotated[str, StringConstraints(pattern="^0x([0-9a-fA-F]{128}|[0-9a-fA-F]{130})$")]
CHECKOUT_ID = "^[0-9A-HJKMNP-TV-Z]{26}$"
CheckoutId = Annotated[str, StringConstraints(pattern=CHECKOUT_ID)]
Amount = Annotated[int, Field(ge=1, le=MAX_AMOUNT_YEN, description="whole yen")]
Seconds = Annotated[int, Field(ge=0, lt=1 << 40, description="seconds since 1970-01-01T00:00Z")]
Uint256 = Annotated[int, Field(ge=0, lt=_UINT256_END)]
Milliseconds = Annotated[int, Field(description="milliseconds since 1970-01-01T00:00Z")]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


class DomainAnswer(_Out):
    """The EIP-712 domain that everything is signed under."""

    name: str
    version: str
    chainId: int  # noqa: N815
    verifyingContract: str  # noqa: N815


class ReceiptKey(_Out):
    """The key that tills pin."""

    address: str
    key_id: str


class TypedDataField(_Out):
    """One field of a message that is signed."""

    name: str
    type: str


class TypedDataAnswer(_Out):
    """What EIP-712 signatures are made of here: the domain, and the types by their name."""

    domain: DomainAnswer
    types: dict[str, list[TypedDataField]]


class MunicipalityAnswer(_Out):
    """Who issues here, and what signatures are for."""

    municipality: str
    name: str
    is_demo: bool
    domain: DomainAnswer
    receipt_key: ReceiptKey
    now_ms: Milliseconds


class ChallengeRequest(_In):
    """The wallet that wants to open a session."""

    wallet: Address


class ChallengeAnswer(_Out):
    """The fields of the Session message that the wallet signs."""

    challenge: str
    audience: str
    issued_at: int
    expires_at: int


class SessionRequest(_In):
    """A signed challenge; `signature` is over the Session message with the audience that was given."""

    wallet: Address
    challenge: Bytes32
    issued_at: Seconds
    expires_at: Seconds
    signature: SignatureText


class CredentialRequest(_In):
    """The secret of a till or of one of the staff."""

    credential: Annotated[str, StringConstraints(min_length=20, max_length=128, pattern="^[A-Za-z0-9_-]+$")]


class SessionAnswer(_Out):
    """A token for the header `Authorization: Bearer`."""

    token: str
    expires_at: int
    scopes: list[str]


class WalletRequest(_In):
    """The wallet to register: the session's own."""

    address: Address


class WalletRegistered(_Out):
    """A registered wallet."""

    address: str
    nonce_base: int


class LotAnswer(_Out):
    """Value of one kind, one expiry and (points) one fund."""

    kind: LotKind
    expiry: int
    fund: str | None
    amount: int


class WalletAnswer(_Out):
    """What a wallet holds, nearest expiry first; `frozen_until` is null unless it is frozen now."""

    address: str
    balance: int
    lots: list[LotAnswer]
    frozen_until: int | None
    nonce_base: int


class Counterpart(_Out):
    """Who stood on the other side: a shop by its number, a channel by its id, a wallet by its address.

    `name` is what the shop is called now, to be shown and nothing else; null for whoever is no shop.
    """

    kind: str
    reference: str
    name: str | None


class HistoryItem(_Out):
    """One movement of a wallet; `amount` is negative where value went out. `payment` is set for payments and sends."""

    what: str
    accepted_at_ms: Milliseconds
    sequence: int | None
    amount: int
    lots: list[LotAnswer]
    others: list[Counterpart]
    payment: str | None


class HistoryAnswer(_Out):
    """A page of movements, newest first; `next_cursor` is null at the end."""

    items: list[HistoryItem]
    next_cursor: str | None


class LeaseRequest(_In):
    """How many nonces a device wants."""

    device: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    count: Annotated[int, Field(ge=1, le=MAX_LEASE)]


class LeaseAnswer(_Out):
    """Windowed nonces for this device alone, until then."""

    nonces: list[int]
    until: Milliseconds


class TillCheckoutRequest(_In):
    """What a till asks for."""

    amount: Amount
    reference: Annotated[str, StringConstraints(min_length=1, max_length=MAX_REFERENCE)] | None = None
    checkout: (
        Annotated[
            CheckoutId,
            Field(
                description="130 random bits drawn by the till: no receipt for it can be older than this request"
            ),
        ]
        | None
    ) = None


class StaticCheckoutRequest(_In):
    """The amount that the payer typed."""

    amount: Amount


class MerchantAnswer(_Out):
    """A shop as it is registered."""

    number: int
    name: str
    name_romaji: str
    address: str
    category: str


class ReceiptAnswer(_Out):
    """The issuer's signed promise; `till` is empty if no till opened the checkout."""

    merchant: str
    till: str
    checkout: str | None
    payment: str
    amount: int
    sequence: int
    accepted_at_ms: Milliseconds
    key_id: str
    signature: str


class PartAnswer(_Out):
    """How much was paid in coins or in points."""

    kind: LotKind
    amount: int


class CheckoutPayment(_Out):
    """What paid a checkout."""

    payment: str
    amount: int
    sequence: int
    accepted_at_ms: Milliseconds
    receipt: ReceiptAnswer
    parts: list[PartAnswer]


class CheckoutAnswer(_Out):
    """A checkout; reference and payment only for its shop, its opener and its payer."""

    checkout: str
    merchant: MerchantAnswer
    amount: int
    reference: str | None
    qr: str
    deadline: Milliseconds
    status: CheckoutStatus
    payment: CheckoutPayment | None


class RecentCheckout(_Out):
    """A checkout of the shop; `till` is the label of its till, null if a wallet opened it from the sticker."""

    checkout: CheckoutAnswer
    till: str | None
    opened_at: Milliseconds


class RecentAnswer(_Out):
    """A shop's last checkouts, newest first; `more` says that older ones were left out."""

    items: list[RecentCheckout]
    more: bool


class PairingRequest(_In):
    """The code that the town gave to the shop, without spaces or hyphens."""

    code: Annotated[str, StringConstraints(pattern="^[0-9A-HJKMNP-TV-Z]{12}$")]


class PairingAnswer(_Out):
    """Which till this device is from now on, and its credential, which nobody can ask for again."""

    credential: str
    till: str
    label: str
    merchant: MerchantAnswer


class AuthorizationRequest(_In):
    """An EIP-3009 TransferWithAuthorization with its signature, and the checkout it pays."""

    model_config = ConfigDict(extra="forbid", strict=True, title="SignedAuthorization")
    checkout: CheckoutId | None = None
    from_: Annotated[Address, Field(alias="from")]
    to: Address
    value: Amount
    validAfter: Uint256  # noqa: N815
    validBefore: Uint256  # noqa: N815
    nonce: Bytes32
    signature: SignatureText


class PaymentsRequest(_In):
    """Signed authorizations; they are decided in this order, each by itself."""

    authorizations: Annotated[list[AuthorizationRequest], Field(min_length=1, max_length=MAX_AUTHORIZATIONS)]


class AcceptedAnswer(_Out):
    """It is paid, now or by an earlier identical request."""

    status: Literal["accepted"]
    payment: str
    sequence: int
    accepted_at_ms: Milliseconds
    receipt: ReceiptAnswer
    parts: list[PartAnswer]


class RefusedAnswer(_Out):
    """Nothing moved; `code` is a rung of the ladder or `authorization_for_other_checkout`, `type` the page about it."""

    status: Literal["refused"]
    type: str
    code: str
    title: str
    detail: str
    field: str | None = None


class PaymentsAnswer(_Out):
    """One result for each authorization, in their order."""

    results: list[AcceptedAnswer | RefusedAnswer]


class CancellationRequest(_In):
    """An EIP-3009 CancelAuthorization with the payer's signature."""

    authorizer: Address
    nonce: Bytes32
    signature: SignatureText


class CancellationAnswer(_Out):
    """The nonce is used up; nothing that was signed with it can be accepted."""

    sequence: int
    accepted_at_ms: Milliseconds


class PaymentAnswer(_Out):
    """How far a payment is; `index` is its place in the batch, so in the transaction's records."""

    payment: str
    status: PaymentStatus
    merchant: int | None
    amount: int
    checkout: str | None
    sequence: int
    accepted_at_ms: Milliseconds
    batch: int | None
    index: int | None
    transaction: str | None
    block: int | None
    confirmed_at_ms: Milliseconds | None


class KindFigures(_Out):
    """Totals of one kind in yen; null where too few people stand behind them."""

    issued: int | None
    held: int | None
    spent: int | None
    expired: int | None


class FiguresAnswer(_Out):
    """Totals at the end of a day in Japan of which the chain has confirmed everything."""

    municipality: str
    day: date
    batches: int
    last_sequence: int
    merchants: int
    wallets: int | None
    coin: KindFigures
    point: KindFigures


class HealthAnswer(_Out):
    """The gateway works and its books answer."""

    status: Literal["ok"]
    municipality: str
    chain_id: int
    contract: str
