"""Cancels an authorization that was not used: the payer signs, and its nonce is used up. Source: EIP-3009."""

from dataclasses import dataclass

from coin import messages
from coin.clock import Clock
from coin.database.database import Conn
from coin.errors import NotFound, Rejected, Rejection
from coin.ledger.journal_head import numbering
from coin.ledger.posting import Posted, post
from coin.messages import checksum_address
from coin.operations.signed import check_record
from coin.records.kinds import Kind
from coin.registry import audit, wallets
from coin.registry.books import Books
from coin.registry.municipality import Municipality
from coin.registry.wallets import LAST_WINDOWED_NONCE, Wallet
from coin.registry.windows import window_after, window_refusal
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class Cancel(messages.CancelAuthorization):
    """A CancelAuthorization as the payer signed it."""

    signature: bytes


def cancel(
    connection: Conn, municipality: Municipality, clock: Clock, message: Cancel, *, actor: str
) -> Posted:
    """Use up the nonce of an authorization that was not accepted.

    Raises:  Rejected; then nothing changed.
    """
    signatures = [Signature(message.authorizer, message.signature)]
    _, record = check_record(municipality, message, signatures)
    with numbering(connection, municipality.code, clock) as head:
        _use_nonce(Books(connection, municipality, clock), message)
        posted = post(connection, head, kind=Kind.CANCEL, actor=actor, record=record)
    audit.record(
        connection,
        municipality.code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action="cancel",
        subject=checksum_address(message.authorizer),
        detail={"sequence": posted.sequence, "nonce": message.nonce.hex()},
    )
    return posted


def _use_nonce(books: Books, message: Cancel) -> None:
    nonce = int.from_bytes(message.nonce, "big")
    wallet = _find(books, message.authorizer)
    if nonce > LAST_WINDOWED_NONCE + 1:
        _use_random(books, message, wallet)
        return
    base, used = (wallet.nonce_base, wallet.nonce_map) if wallet else (0, "0" * wallets.WINDOW)
    reason = window_refusal(base, used, nonce)
    if reason is None and nonce > LAST_WINDOWED_NONCE:
        reason = Rejection.NONCE_OUT_OF_WINDOW
    if reason is not None:
        raise Rejected(reason, field="nonce")
    _demand_may_cancel(books, wallet, message.authorizer)
    base, used = window_after(base, used, nonce)
    books.connection.execute(
        """UPDATE wallet SET nonce_base = %s, nonce_map = %s::text::bit(120)
           WHERE municipality = %s AND address = %s""",
        [base, used, books.municipality_code, message.authorizer],
    )


def _use_random(books: Books, message: Cancel, wallet: Wallet | None) -> None:
    key = [books.municipality_code, message.authorizer, message.nonce]
    row = books.connection.execute(
        "SELECT 1 FROM random_nonce WHERE municipality = %s AND payer = %s AND nonce = %s", key
    ).fetchone()
    if row is not None:
        raise Rejected(Rejection.NONCE_USED, field="nonce")
    _demand_may_cancel(books, wallet, message.authorizer)
    books.connection.execute("INSERT INTO random_nonce (municipality, payer, nonce) VALUES (%s, %s, %s)", key)


def _find(books: Books, address: bytes) -> Wallet | None:
    try:
        return wallets.get(books, address)
    except NotFound:
        return None


def _demand_may_cancel(books: Books, wallet: Wallet | None, address: bytes) -> None:
    """Refuse whoever is no holder, or has asked for its exit.

    Raises:  Rejected (`holder_unknown`, `holder_is_merchant`, `account_exiting`).
    """
    if wallet is None:
        is_merchant = wallets.is_merchant(books, [address])
        reason = Rejection.HOLDER_IS_MERCHANT if is_merchant else Rejection.HOLDER_UNKNOWN
        raise Rejected(reason, field="authorizer")
    if wallet.exit_at_s is not None:
        raise Rejected(Rejection.ACCOUNT_EXITING, field="authorizer")
