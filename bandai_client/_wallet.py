"""A resident's wallet: reads a code, looks up the shop, signs, sends, and accepts only a verified receipt.

Decides what is signed: exactly the checkout and the shop that the code names, for the amount in the code (or that the payer
typed), with a leased nonce, valid for twelve hours. A nonce is used again only if that makes its first use worthless, so
that no failure on the way can make a person pay twice.

Keeps:   I-03. Source: EIP-3009, docs/formats.md §4 and §5.
"""

from collections.abc import Callable, Iterator

from bandai_client._checkouts import Checkout
from bandai_client._errors import error_of
from bandai_client._gateway import Gateway
from bandai_client._holdings import Balance, Movement, Page, PaymentStatus
from bandai_client._keys import Key
from bandai_client._lookup import look_up
from bandai_client._nonces import LEASE_COUNT, Nonces
from bandai_client._payment import Authorization, Paid, submit_many, verified
from bandai_client._reading import Json, take
from bandai_client._session import Session, Sessions, prove_key
from bandai_client._town import Town
from coin.errors import CoinError, Conflict, InvalidInput, Rejected
from coin.qr.text import Dynamic, parse

AUTHORIZATION_LIFE_S = 12 * 3600
_NONCE_GONE = ("nonce_used", "nonce_out_of_window", "authorization_for_other_checkout")

Approve = Callable[[Checkout], bool]
Remember = Callable[[Authorization | None], None]


class EarlierPaymentAccepted(Conflict):
    """An earlier payment without an answer was in fact accepted; the new payment was not signed."""

    def __init__(self, paid: Paid) -> None:
        super().__init__(
            f"前回のお支払い（{paid.amount_yen:,}円）は完了していました。"
            "続けて支払うときは、もう一度操作してください。",
            f"The earlier payment of {paid.amount_yen} yen was accepted; ask again to pay once more.",
            code="earlier_payment_accepted",
        )
        self.paid = paid


class Wallet:
    """One address at one gateway. Not thread-safe: make one for each thread."""

    def __init__(
        self,
        gateway: Gateway,
        key: Key,
        *,
        device: str = "wallet",
        in_doubt: Authorization | None = None,
        remember: Remember = lambda _: None,
        keep: Callable[[Paid], None] = lambda _: None,
    ) -> None:
        """Prepare a wallet with a key; nothing is sent yet.

        `remember` is called with a payment before it is sent, and with None when its outcome is known. After a restart, pass
        the stored payment as `in_doubt`. `keep` is called with each accepted payment and its receipt before
        `remember(None)`.
        """
        self._gateway = gateway
        self._key = key
        self._sessions = Sessions(gateway, lambda: prove_key(gateway, key))
        self._nonces = Nonces(gateway, self._sessions, key, device)
        self._in_doubt = in_doubt
        self._remember = remember
        self._keep = keep

    @property
    def address(self) -> bytes:
        """The 20 bytes of this wallet's address."""
        return self._key.address

    @property
    def key(self) -> Key:
        """The key; its text shows the address only."""
        return self._key

    @property
    def town(self) -> Town:
        """The town of this wallet."""
        return self._gateway.town

    @property
    def in_doubt(self) -> Authorization | None:
        """The payment that was sent and got no answer, if there is one; `resolve` finds out its outcome."""
        return self._in_doubt

    # ------------------------------------------------------------ sessions and the wallet's own pages

    def open_session(self) -> Session:
        """Open a session: sign a fresh challenge for this town's contract.

        Raises:  CoinError (gateway_answer_wrong), if the challenge is for another audience.
        """
        return self._sessions.open()

    def register(self) -> None:
        """Register this address; doing it again changes nothing."""
        self._sessions.post("/v1/wallets", {"address": str(self._key)})

    def balance(self) -> Balance:
        """Return the balance, lot by lot."""
        return Balance.read(self._sessions.get(f"/v1/wallets/{self._key}"))

    def history(self) -> Iterator[Movement]:
        """Iterate over the wallet's movements, newest first."""
        cursor: str | None = None
        while True:
            params = {"cursor": cursor} if cursor else None
            page = Page.read(self._sessions.get(f"/v1/wallets/{self._key}/history", params))
            yield from page.movements
            cursor = page.next_cursor
            if cursor is None:
                return

    def status(self, payment: bytes) -> PaymentStatus:
        """Return the progress of a payment to the chain."""
        return PaymentStatus.read(self._sessions.get(f"/v1/payments/0x{payment.hex()}"))

    # ------------------------------------------------------------ paying

    def look_up(self, qr_text: str, amount_yen: int | None = None) -> Checkout:
        """Read a code and get its checkout from the gateway; `amount_yen` is the amount that the payer typed.

        Raises:  InvalidInput, for a code that is not ours (see coin.qr), is of another municipality, or has no amount;
                 Rejected (checkout_mismatch), if the gateway's answer differs from the code.
        """
        return look_up(self._sessions, self._gateway.town, qr_text, amount_yen)

    def pay(
        self, qr_text: str, amount_yen: int | None = None, *, approve: Approve = lambda _: True
    ) -> Paid | None:
        """Pay the checkout of a code, if `approve` agrees; it gets the registered name and the amount.

        Returns: the payment; None, if it was not approved, and then nothing was signed.
        Raises:  as `look_up` and `submit`; EarlierPaymentAccepted, if an earlier payment without an answer was accepted.
        """
        code = parse(qr_text)
        if before := self._finish_doubt(code.checkout if isinstance(code, Dynamic) else None):
            return before
        checkout = self.look_up(qr_text, amount_yen)
        return self.pay_checkout(checkout) if approve(checkout) else None

    def pay_checkout(self, checkout: Checkout) -> Paid:
        """Sign and send the payment of a checkout from `look_up`.

        Raises:  as `submit`.
        """
        if before := self._finish_doubt(checkout.id):
            return before
        return self.submit(self.authorize(checkout.merchant.address, checkout.amount_yen, checkout.id))

    def send(self, to: bytes, amount_yen: int) -> Paid:
        """Send coins to another person's wallet.

        Raises:  as `submit`.
        """
        self._finish_doubt(None)
        return self.submit(self.authorize(to, amount_yen, None))

    def authorize(self, payee: bytes, amount_yen: int, checkout: str | None) -> Authorization:
        """Sign a payment with the lowest leased nonce, valid for twelve hours. Nothing is sent."""
        nonce = self._nonces.take(self._held_back)
        return Authorization.sign(
            self._gateway.town,
            self._key,
            payee=payee,
            amount_yen=amount_yen,
            checkout=checkout,
            nonce=nonce,
            valid_before_s=self._gateway.now_ms() // 1000 + AUTHORIZATION_LIFE_S,
        )

    def submit(self, authorization: Authorization) -> Paid:
        """Send a signed payment. Idempotent: the same one, sent any number of times, pays once.

        Raises:  Rejected with the reason; CoinError (receipt_wrong); Unavailable, if it is not known whether it was
                 accepted: then it is `in_doubt`.
        """
        self._set_doubt(authorization)
        try:
            [result] = submit_many(self._gateway, [authorization])
        except InvalidInput:
            # The request itself was refused, and would be refused again: nothing is in doubt.
            self._refused(authorization)
            raise
        return self.conclude(authorization, result)

    def conclude(self, authorization: Authorization, result: Json) -> Paid:
        """Process the gateway's answer to one authorization.

        Raises:  as `submit`.
        """
        if take(result, "status", str) == "accepted":
            try:
                paid = verified(self._gateway.town, authorization, result)
            except CoinError:
                self._answered(authorization)
                raise
            # Keep the receipt before the doubt is cleared: after a crash in between, the same bytes get the same receipt.
            self._keep(paid)
            self._answered(authorization)
            return paid
        refusal = error_of(result, 409)
        self._refused(authorization, refusal)
        raise refusal

    def resolve(self) -> Paid | None:
        """Find out the outcome of the payment in doubt by sending the same bytes again.

        Returns: the payment, if it was accepted (now or earlier); None, if there was none or it was refused.
        Raises:  Unavailable, if it is still unknown.
        """
        if self._in_doubt is None:
            return None
        try:
            return self.submit(self._in_doubt)
        except (Rejected, InvalidInput, Conflict):
            return None

    def _finish_doubt(self, checkout: str | None) -> Paid | None:
        """Resolve a payment in doubt and return it, if it was accepted for this checkout.

        Raises:  EarlierPaymentAccepted, if it was accepted for another one: the caller must ask the payer again.
        """
        before = self.resolve()
        if before is None or (checkout is not None and before.receipt.checkout == checkout):
            return before
        raise EarlierPaymentAccepted(before)

    # ------------------------------------------------------------ nonces

    def lease_nonces(self, count: int = LEASE_COUNT) -> tuple[int, ...]:
        """Lease nonces of the window for this device. It gets its unused ones again."""
        return self._nonces.lease(count, self._held_back)

    @property
    def _held_back(self) -> set[int]:
        return {self._in_doubt.nonce} if self._in_doubt else set()

    def _answered(self, authorization: Authorization) -> None:
        if self._in_doubt == authorization:
            self._set_doubt(None)

    def _set_doubt(self, authorization: Authorization | None) -> None:
        if authorization != self._in_doubt:
            self._remember(authorization)
        self._in_doubt = authorization

    def _refused(self, authorization: Authorization, refusal: CoinError | None = None) -> None:
        self._answered(authorization)
        is_gone = refusal is not None and refusal.code in _NONCE_GONE
        if not is_gone:
            self._nonces.give_back(authorization.nonce)
