"""A resident's wallet: reads a code, looks up the shop, signs, sends, and accepts only a verified receipt.

Decides what is signed: exactly the checkout and the shop that the code names, for the amount in the code (or that the payer
typed), valid for twelve hours, with the nonce of what is still outstanding (see `_outstanding`) or else a leased one. So
neither a failure on the way nor a lying answer can make a person pay twice.

Keeps:   I-03. Source: EIP-3009, docs/formats.md §4 and §5.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from bandai_client._cancel import cancel
from bandai_client._checkouts import Checkout
from bandai_client._errors import PaymentInDoubt, answer_wrong, error_of
from bandai_client._gateway import Gateway
from bandai_client._holdings import Balance, Movement, Page, PaymentStatus
from bandai_client._keys import Key
from bandai_client._lookup import look_up
from bandai_client._nonces import LEASE_COUNT, Nonces
from bandai_client._outstanding import Outstanding, Sent
from bandai_client._payment import Authorization, Paid, read_paid, submit_many, verified
from bandai_client._reading import Json, take, take_objects, take_optional
from bandai_client._session import Session, Sessions, prove_key
from bandai_client._town import Town
from coin.errors import (
    CoinError,
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    Rejected,
    TooManyRequests,
    Unauthorized,
)
from coin.messages import nonce_word
from coin.qr.text import Dynamic, parse

AUTHORIZATION_LIFE_S = 12 * 3600
_SAME_BYTES_UNTIL_S = 3600  # a gateway refuses what is about to end
_NONCE_GONE = ("nonce_used", "nonce_out_of_window", "authorization_for_other_checkout")
_REFUSALS = (Conflict, Forbidden, InvalidInput, NotFound, Rejected, TooManyRequests, Unauthorized)

Approve = Callable[[Checkout], bool]
Remember = Callable[[Sequence[Sent]], None]


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
        outstanding: Iterable[Sent] = (),
        remember: Remember = lambda _: None,
        keep: Callable[[Paid], None] = lambda _: None,
    ) -> None:
        """Prepare a wallet with a key; nothing is sent yet.

        `remember` is called with all outstanding payments, first before one is sent, and without it when its outcome is
        proved. After a restart, pass the last list as `outstanding`. `keep` is called with each accepted payment and its
        receipt before the list is without it.
        """
        self._gateway = gateway
        self._key = key
        self._sessions = Sessions(gateway, lambda: prove_key(gateway, key))
        self._outstanding = Outstanding(outstanding, remember)
        self._keep = keep
        self._nonces = Nonces(gateway, self._sessions, key, device, self._outstanding)

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
        """The last payment that was sent and got no answer; `ask_fate` asks what became of it."""
        return self._outstanding.in_doubt

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

    def payments(self) -> Iterator[Paid]:
        """Iterate over what this wallet has paid and sent, newest first, each with its verified receipt.

        Raises:  CoinError (receipt_wrong), if the town's key did not sign one of them.
        """
        cursor: str | None = None
        while True:
            answer = self._sessions.get(self._payments_path, {"cursor": cursor} if cursor else None)
            yield from (self._own(item) for item in take_objects(answer, "items"))
            cursor = take_optional(answer, "next_cursor", str)
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
        with self._gateway.one_patience():
            if before := self._earlier(code.checkout if isinstance(code, Dynamic) else None):
                return before
            checkout = self.look_up(qr_text, amount_yen)
        return self._pay(checkout) if approve(checkout) else None

    def pay_checkout(self, checkout: Checkout) -> Paid:
        """Sign and send the payment of a checkout from `look_up`.

        Raises:  as `pay`.
        """
        return self._earlier(checkout.id) or self._pay(checkout)

    def send(self, to: bytes, amount_yen: int) -> Paid:
        """Send coins to another person's wallet.

        Raises:  as `pay`.
        """
        self._earlier(None)
        with self._gateway.one_patience():
            return self.submit(self.authorize(to, amount_yen, None))

    def _pay(self, checkout: Checkout) -> Paid:
        payee, until_s = checkout.merchant.address, self._now_s() + _SAME_BYTES_UNTIL_S
        with self._gateway.one_patience():
            again = self._outstanding.same(payee, checkout.amount_yen, checkout.id, until_s)
            return self.submit(again or self.authorize(payee, checkout.amount_yen, checkout.id))

    def authorize(self, payee: bytes, amount_yen: int, checkout: str | None) -> Authorization:
        """Sign a payment, valid for twelve hours, with the nonce of what is outstanding, else with the lowest leased one.
        Nothing is sent."""
        nonce = self._outstanding.nonce
        return Authorization.sign(
            self._gateway.town,
            self._key,
            payee=payee,
            amount_yen=amount_yen,
            checkout=checkout,
            nonce=self._nonces.take() if nonce is None else nonce,
            valid_before_s=self._now_s() + AUTHORIZATION_LIFE_S,
        )

    def submit(self, authorization: Authorization) -> Paid:
        """Send a signed payment. Idempotent: the same one, sent any number of times, pays once.

        Raises:  Rejected with the reason; PaymentInDoubt, if nothing proves whether it was accepted; EarlierPaymentAccepted,
                 if its nonce was used by an earlier payment.
        """
        self._outstanding.add(authorization)
        try:
            [result] = submit_many(self._gateway, [authorization])
            return self.conclude(authorization, result)
        except _REFUSALS as refusal:
            self._outstanding.mark_refused(authorization, refusal.code)
            if refusal.code not in _NONCE_GONE:
                raise
            return self._user_of_the_nonce(authorization, refusal)
        except CoinError as error:
            raise PaymentInDoubt(error) from error

    def conclude(self, authorization: Authorization, result: Json) -> Paid:
        """Process the gateway's answer to one authorization.

        Raises:  Rejected or Conflict with the gateway's reason; CoinError (receipt_wrong, gateway_answer_wrong).
        """
        if take(result, "status", str) != "accepted":
            raise error_of(result, 409)
        return self._proved(verified(self._gateway.town, authorization, result))

    # ------------------------------------------------------------ what became of a payment

    def ask_fate(self) -> Paid | None:
        """Ask what became of the payments without a proof. Nothing is sent again.

        Returns: the payment, if one of them was accepted; None, if there is none, or nothing is proved yet.
        Raises:  Unavailable; CoinError (receipt_wrong, gateway_answer_wrong).
        """
        self._outstanding.drop_ended(self._now_s())
        nonce = self._outstanding.nonce
        if nonce is None:
            return None
        asked = {"nonce": "0x" + nonce_word(nonce).hex()}
        items = take_objects(self._sessions.get(self._payments_path, asked), "items")
        if not items:
            return None
        paid = self._own(items[0])
        if paid.authorization.nonce != nonce:
            raise answer_wrong("nonce")
        is_ours = self._outstanding.has(paid.payment)
        self._proved(paid)
        return paid if is_ours else None  # another device of this wallet has used the nonce

    def resolve(self) -> Paid | None:
        """Finish the payment in doubt: ask what became of it, and send the same bytes again if they did not arrive.

        Returns: the payment, if it was accepted (now or earlier); None, if there was none or it was refused.
        Raises:  Unavailable, if it is still unknown.
        """
        if paid := self.ask_fate():
            return paid
        if (again := self._outstanding.in_doubt) is None:
            return None
        try:
            return self.submit(again)
        except _REFUSALS:
            return None

    def cancel(self) -> Paid | None:
        """Cancel the payments without a proof, so that none of them can be carried out any more.

        Returns: None, if the town has signed that they are cancelled; the payment, if one was accepted before.
        Raises:  Unavailable; Rejected, if the town refuses and says no reason that can be verified.
        """
        if paid := self.ask_fate():
            return paid
        while (nonce := self._outstanding.nonce) is not None:
            try:
                cancel(self._gateway, self._key, nonce)
            except Rejected:  # perhaps a payment has arrived in the meantime
                if paid := self.ask_fate():
                    return paid
                raise
            self._outstanding.prove(nonce)
        return None

    def _earlier(self, checkout: str | None) -> Paid | None:
        """Return an outstanding payment that was accepted for this checkout.

        Raises:  EarlierPaymentAccepted, if one was accepted for another: the caller must ask the payer again.
        """
        before = self.ask_fate()
        if before is None or (checkout is not None and before.receipt.checkout == checkout):
            return before
        raise EarlierPaymentAccepted(before)

    def _user_of_the_nonce(self, authorization: Authorization, refusal: CoinError) -> Paid:
        """Return what was accepted with the nonce of a refused payment. Raises: as `_earlier`; the refusal."""
        try:
            paid = self._earlier(authorization.checkout)
        except _REFUSALS:
            raise
        except CoinError as error:
            raise PaymentInDoubt(error) from error
        if paid is None:
            raise refusal
        return paid

    def _own(self, item: Json) -> Paid:
        paid = read_paid(self._gateway.town, item)
        if paid.authorization.payer != self._key.address:
            raise answer_wrong("authorization")
        return paid

    def _proved(self, paid: Paid) -> Paid:
        # Keep the receipt before the payment is forgotten: after a crash in between, the same receipt comes again.
        self._keep(paid)
        self._outstanding.prove(paid.authorization.nonce)
        return paid

    def _now_s(self) -> int:
        return self._gateway.now_ms() // 1000

    @property
    def _payments_path(self) -> str:
        return f"/v1/wallets/{self._key}/payments"

    # ------------------------------------------------------------ nonces

    def lease_nonces(self, count: int = LEASE_COUNT) -> tuple[int, ...]:
        """Lease nonces of the window for this device. It gets its unused ones again, except an outstanding one."""
        return self._nonces.lease(count)
