"""Wallets: each sees itself only. Somebody else's address gets the answer of one that does not exist."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from api.answers import history_answer, lots_answer, read_cursor
from api.auth import AnyWallet, GatewayOf, not_yours
from api.idempotency import Key, once
from api.problems import BODY, INVALID, KEYED, SESSION, declared
from api.schemas import (
    Address,
    HistoryAnswer,
    LeaseAnswer,
    LeaseRequest,
    WalletAnswer,
    WalletRegistered,
    WalletRequest,
)
from coin.ledger import statements
from coin.ledger.statements import Page
from coin.messages import checksum_address, parse_address
from coin.payments import progress
from coin.registry import merchants, wallets
from coin.registry.books import Books

router = APIRouter(prefix="/wallets", tags=["wallets"])


def own_wallet(address: Address, principal: AnyWallet) -> bytes:
    """The address of the path, if it is the session's own.

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
    """Register this session's wallet; one that is registered stays as it is."""
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
    """What this session's wallet holds now, by lot."""
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
    """What happened to this session's wallet, newest first; give `next_cursor` back for the next page."""
    after = None if cursor is None else read_cursor(cursor)
    with gateway.books() as books:
        wallet = wallets.get(books, address)
        page = statements.history(
            books.connection, books.municipality_code, wallet.account, cursor=after, count=count
        )
        numbers = [item.sequence for item in page.items if item.sequence is not None]
        payments = progress.payments_at(books, numbers)
        shops = _shops(books, page)
    return history_answer(page, payments, shops)


def _shops(books: Books, page: Page) -> dict[tuple[str, str], str]:
    """The names of the shops on the other side, by what the books call these: the books know numbers only."""
    shops = {other for item in page.items for other in item.others if other[0] == "merchant"}
    names = merchants.names_of(books, [int(reference) for _, reference in shops])
    return {(kind, reference): names[int(reference)] for kind, reference in shops if int(reference) in names}


@router.post(
    "/{address}/nonces",
    summary="支払い番号を借りる / Lease nonces",
    responses=declared(BODY, SESSION, "not_found", "wallet_unknown", "nonces_exhausted"),
)
def lease_nonces(gateway: GatewayOf, address: OwnWallet, body: LeaseRequest) -> LeaseAnswer:
    """Lend nonces to one device of this session's wallet; what it has not used it gets again."""
    with gateway.books() as books:
        lease = wallets.lease_nonces(books, address, device=body.device, count=body.count)
    return LeaseAnswer(nonces=list(lease.nonces), until=lease.until_ms)
