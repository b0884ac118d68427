"""Wallets: each can read only itself, with its payments and their receipts. Another wallet's address gets the same answer as one that does not exist."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import Field, StringConstraints

from api.answers import hex_of, hex_or_none, parts_json, receipt_json
from api.auth import AnyWallet, GatewayOf, not_yours
from api.idempotency import Key, once
from api.problems import BODY, INVALID, KEYED, SESSION, declared
from api.schemas import Address, AnswerBody, Milliseconds, PartAnswer, ReceiptAnswer, RequestBody
from coin.ledger import statements
from coin.ledger.statements import HeldLot, Page
from coin.messages import checksum_address, parse_address, parse_bytes32
from coin.payments import own, progress
from coin.payments.own import OwnPayment
from coin.program import LotKind
from coin.records.kinds import KINDS
from coin.registry import merchants, wallets
from coin.registry.books import Books
from coin.registry.wallets import MAX_LEASE

router = APIRouter(prefix="/wallets", tags=["wallets"])


class WalletRequest(RequestBody):
    """The wallet to register: the session's own."""

    address: Address


class WalletRegistered(AnswerBody):
    """A registered wallet."""

    address: str
    nonce_base: int


class LotAnswer(AnswerBody):
    """Value of one kind, one expiry and (points) one fund."""

    kind: LotKind
    expiry: int
    fund: str | None
    amount: int


class WalletAnswer(AnswerBody):
    """The value in a wallet, nearest expiry first; `frozen_until` is null unless the wallet is frozen now."""

    address: str
    balance: int
    lots: list[LotAnswer]
    frozen_until: int | None
    nonce_base: int


class Counterpart(AnswerBody):
    """The other side of a movement: a shop by its number, a channel by its id, a wallet by its address.

    `name` is the present name of the shop, or the name of the channel or fund in the rules, for display only; null for a
    wallet.
    """

    kind: str
    reference: str
    name: str | None


class HistoryItem(AnswerBody):
    """One movement of a wallet; `amount` is negative if value went out. `payment` is set for payments and sends."""

    what: str
    accepted_at_ms: Milliseconds
    sequence: int | None
    amount: int
    lots: list[LotAnswer]
    others: list[Counterpart]
    payment: str | None


class HistoryAnswer(AnswerBody):
    """A page of movements, newest first; `next_cursor` is null at the end."""

    items: list[HistoryItem]
    next_cursor: str | None


class OwnAuthorization(AnswerBody):
    """An authorization as this wallet signed it, with the checkout that it paid."""

    from_: Annotated[str, Field(alias="from")]
    to: str
    value: int
    validAfter: int  # noqa: N815
    validBefore: int  # noqa: N815
    nonce: str
    checkout: str | None
    signature: str


class OwnPaymentAnswer(AnswerBody):
    """A payment or send of this wallet, and the town's receipt for it."""

    authorization: OwnAuthorization
    receipt: ReceiptAnswer
    parts: list[PartAnswer]


class OwnPaymentsAnswer(AnswerBody):
    """A page of payments, newest first; `next_cursor` is null at the end."""

    items: list[OwnPaymentAnswer]
    next_cursor: str | None


class LeaseRequest(RequestBody):
    """How many nonces a device wants."""

    device: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    count: Annotated[int, Field(ge=1, le=MAX_LEASE)]


class LeaseAnswer(AnswerBody):
    """Nonces of the window, reserved for this device until the given time."""

    nonces: list[int]
    until: Milliseconds


def own_wallet(address: Address, principal: AnyWallet) -> bytes:
    """Return the address of the path, if it is the session's own.

    Raises:  InvalidInput; NotFound (`not_found`).
    """
    wallet = parse_address(address)
    if wallet != principal.wallet:
        raise not_yours()
    return wallet


OwnWallet = Annotated[bytes, Depends(own_wallet)]


@router.post(
    "",
    summary="ウォレットを登録 / Register a wallet",
    status_code=201,
    responses=declared(BODY, SESSION, KEYED, "not_found", "holder_is_merchant"),
)
def register(gateway: GatewayOf, principal: AnyWallet, key: Key, body: WalletRequest) -> WalletRegistered:
    """Register this session's wallet; registering again changes nothing."""
    address = own_wallet(body.address, principal)

    def create(books: Books) -> WalletRegistered:
        wallet = wallets.register(books, address)
        return WalletRegistered(address=checksum_address(wallet.address), nonce_base=wallet.nonce_base)

    return once(gateway, principal, key, ("/v1/wallets", body), WalletRegistered, create)


@router.get(
    "/{address}",
    summary="残高 / Balance by lot",
    responses=declared(INVALID, SESSION, "not_found", "wallet_unknown"),
)
def read_wallet(gateway: GatewayOf, address: OwnWallet) -> WalletAnswer:
    """Read what this session's wallet holds now, by lot."""
    with gateway.books() as books:
        wallet = wallets.get(books, address)
        now_ms = books.now_ms()
        lots = statements.lots(books.connection, books.municipality_code, wallet.account, live_at_ms=now_ms)
    return WalletAnswer(
        address=checksum_address(address),
        balance=sum(lot.amount for lot in lots),
        lots=lots_answer(lots),
        frozen_until=wallet.frozen_until_s if wallet.frozen_until_s * 1000 > now_ms else None,
        nonce_base=wallet.nonce_base,
    )


@router.get(
    "/{address}/history",
    summary="履歴 / History",
    responses=declared(INVALID, SESSION, "not_found", "wallet_unknown"),
)
def read_history(
    gateway: GatewayOf,
    address: OwnWallet,
    cursor: Annotated[str | None, Query(pattern="^[A-Za-z0-9_-]{22}$")] = None,
    count: Annotated[int, Query(ge=1, le=statements.MAX_PAGE)] = 20,
) -> HistoryAnswer:
    """Read the movements of this session's wallet, newest first; send `next_cursor` as the cursor of the next page."""
    after = None if cursor is None else read_cursor(cursor)
    with gateway.books() as books:
        wallet = wallets.get(books, address)
        page = statements.history(
            books.connection, books.municipality_code, wallet.account, cursor=after, count=count
        )
        numbers = [item.sequence for item in page.items if item.sequence is not None]
        payments = progress.payments_at(books, numbers)
        names = _names(books, page)
    return history_answer(page, payments, names)


@router.get(
    "/{address}/payments",
    summary="支払いと受領証 / Payments with their receipts",
    responses=declared(INVALID, SESSION, "not_found"),
)
def read_payments(
    gateway: GatewayOf,
    address: OwnWallet,
    nonce: Annotated[str | None, Query(pattern="^0x[0-9a-fA-F]{64}$")] = None,
    cursor: Annotated[str | None, Query(pattern="^[0-9]{1,18}$")] = None,
    count: Annotated[int, Query(ge=1, le=own.MAX_PAGE)] = 20,
) -> OwnPaymentsAnswer:
    """Read what this session's wallet has paid and sent, newest first, each with the receipt; with `nonce` only the payment
    that used it. A wallet asks here after an answer that never came, and on a new device."""
    with gateway.books() as books:
        found = own.own_payments(
            books,
            address,
            nonce=None if nonce is None else parse_bytes32(nonce, "nonce"),
            before=None if cursor is None else int(cursor),
            count=count,
        )
    next_cursor = str(found[-1].answer.sequence) if len(found) == count else None
    return OwnPaymentsAnswer(items=[_own_payment(one) for one in found], next_cursor=next_cursor)


def _own_payment(one: OwnPayment) -> OwnPaymentAnswer:
    signed = one.authorization
    return OwnPaymentAnswer.model_validate(
        {
            "authorization": {
                "from": checksum_address(signed.payer),
                "to": checksum_address(signed.payee),
                "value": signed.value,
                "validAfter": signed.valid_after_s,
                "validBefore": signed.valid_before_s,
                "nonce": hex_of(signed.nonce),
                "checkout": one.answer.receipt.checkout,
                "signature": hex_of(one.signature),
            },
            "receipt": receipt_json(one.answer.receipt),
            "parts": parts_json(one.answer.parts),
        }
    )


def _names(books: Books, page: Page) -> dict[tuple[str, str], str]:
    """Return the names of the shops, channels and funds on the other side, by what the books know them by."""
    rules = books.municipality.program
    named = {("cash", item.id): item.name_ja for item in rules.channels}
    named |= {("point_expense", item.id): item.name_ja for item in rules.funds}
    shops = {other for item in page.items for other in item.others if other[0] == "merchant"}
    names = merchants.names_of(books, [int(reference) for _, reference in shops])
    found = {(kind, reference): names[int(reference)] for kind, reference in shops if int(reference) in names}
    return named | found


@router.post(
    "/{address}/nonces",
    summary="支払い番号を借りる / Lease nonces",
    responses=declared(
        BODY,
        SESSION,
        "not_found",
        "wallet_unknown",
        "nonces_exhausted",
        "holder_without_value",
        "daily_quota",
    ),
)
def lease_nonces(gateway: GatewayOf, address: OwnWallet, body: LeaseRequest) -> LeaseAnswer:
    """Lease nonces to one device of this session's wallet; those that it has not used are returned to it again."""
    with gateway.books() as books:
        lease = wallets.lease_nonces(books, address, device=body.device, count=body.count)
    return LeaseAnswer(nonces=list(lease.nonces), until=lease.until_ms)


def lots_answer(lots: Sequence[HeldLot]) -> list[LotAnswer]:
    """Lots in the order of the books."""
    return [
        LotAnswer(kind=LotKind(lot.kind), expiry=lot.expiry_s, fund=lot.fund or None, amount=lot.amount)
        for lot in lots
    ]


def history_answer(
    page: Page, payments: Mapping[int, bytes], names: Mapping[tuple[str, str], str]
) -> HistoryAnswer:
    """Return a page of a wallet's history; `payments` has ids by their number in the journal, `names` has names by
    counterpart."""
    return HistoryAnswer(
        items=[_history_item(item, payments.get(item.sequence or 0), names) for item in page.items],
        next_cursor=None if page.next_cursor is None else _write_cursor(page.next_cursor),
    )


def _history_item(
    item: statements.HistoryItem, payment: bytes | None, names: Mapping[tuple[str, str], str]
) -> HistoryItem:
    return HistoryItem(
        what=_what(item.kind),
        accepted_at_ms=item.accepted_at_ms,
        sequence=item.sequence,
        amount=item.amount,
        lots=lots_answer(item.lots),
        others=[
            Counterpart(kind=kind, reference=reference, name=names.get((kind, reference)))
            for kind, reference in item.others
        ],
        payment=hex_or_none(payment),
    )


def _what(kind: int) -> str:
    row = KINDS.get(kind)
    return row.history if row else "other"


def _write_cursor(cursor: str) -> str:
    return urlsafe_b64encode(UUID(cursor).bytes).rstrip(b"=").decode()


def read_cursor(text: str) -> str:
    """Return the UUID of a cursor; `text` is 22 characters of base64url, so every text is some UUID."""
    return str(UUID(bytes=urlsafe_b64decode(text + "==")))
