"""A resident's wallet: reads a code, looks the shop up, signs, sends, and believes only a verified receipt.

Decides what gets signed: exactly the checkout that the code names, to the shop that the code names, for the amount
that the code states (or that the payer typed), with a leased nonce, for twelve hours. A nonce is used again only
for a payment that makes its first use worthless, so that no trouble on the way can make somebody pay twice.

Keeps:  I-03. Source: EIP-3009, docs/formats.md §4 and §5.
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
    """A payment that had got no answer turned out to be accepted; the new one was not signed."""

    def __init__(self, paid: Paid) -> None:
        super().__init__(
            f"前回のお支払い（{paid.amount_yen:,}円）は完了していました。"
            "続けて支払うときは、もう一度操作してください。",
            f"The earlier payment of {paid.amount_yen} yen was accepted; ask again to pay once more.",
            code="earlier_payment_accepted",
        )
        self.paid = paid


class Wallet:
    """One address at one gateway. Not for use by two threads at once; make one for each."""

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
        """Hold a key at a gateway; nothing is sent yet.

        `remember` is told of a payment before it is sent and of None when its fate is known; what it kept over a
        restart comes back as `in_doubt`. `keep` gets each accepted payment with its receipt before it is forgotten.
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
        """The key, which shows its address only."""
        return self._key

    @property
    def town(self) -> Town:
        """The town that this wallet pays in."""
        return self._gateway.town

    @property
    def in_doubt(self) -> Authorization | None:
        """The payment that was sent and never answered, if there is one; `resolve` asks for its fate."""
        return self._in_doubt

    # ------------------------------------------------------------ sessions and the wallet's own pages

    def open_session(self) -> Session:
        """Prove the key by signing a fresh challenge for this town's contract.

        Raises: CoinError (gateway_answer_wrong), if the challenge is meant for anybody else.
        """
        return self._sessions.open()

    def register(self) -> None:
        """Make the town know this address; doing it again changes nothing."""
        self._sessions.post("/v1/wallets", {"address": str(self._key)})

    def balance(self) -> Balance:
        """Give what the wallet holds, lot by lot."""
        return Balance.read(self._sessions.get(f"/v1/wallets/{self._key}"))

    def history(self) -> Iterator[Movement]:
        """Walk through the wallet's movements, the newest first."""
        cursor: str | None = None
        while True:
            params = {"cursor": cursor} if cursor else None
            page = Page.read(self._sessions.get(f"/v1/wallets/{self._key}/history", params))
            yield from page.movements
            cursor = page.next_cursor
            if cursor is None:
                return

    def status(self, payment: bytes) -> PaymentStatus:
        """Give how far a payment is on its way to the chain."""
        return PaymentStatus.read(self._sessions.get(f"/v1/payments/0x{payment.hex()}"))

    # ------------------------------------------------------------ paying

    def look_up(self, qr_text: str, amount_yen: int | None = None) -> Checkout:
        """Read a code and ask the gateway what it stands for; `amount_yen` is what the payer typed.

        Raises: InvalidInput, for a code that is not ours (see coin.qr), of another municipality, or without
                an amount; Rejected (checkout_mismatch), if the gateway's answer is not what the code says.
        """
        return look_up(self._sessions, self._gateway.town, qr_text, amount_yen)

    def pay(
        self, qr_text: str, amount_yen: int | None = None, *, approve: Approve = lambda _: True
    ) -> Paid | None:
        """Pay what a code asks for; `approve` sees the registered name and the amount first.

        Returns: None, if it was not approved; nothing was signed then.
        Raises:  as `look_up` and `submit`; EarlierPaymentAccepted, if a payment that got no answer had arrived.
        """
        code = parse(qr_text)
        if before := self._finish_doubt(code.checkout if isinstance(code, Dynamic) else None):
            return before
        checkout = self.look_up(qr_text, amount_yen)
        return self.pay_checkout(checkout) if approve(checkout) else None

    def pay_checkout(self, checkout: Checkout) -> Paid:
        """Sign and send the payment of a checkout that was looked up.

        Raises: as `submit`.
        """
        if before := self._finish_doubt(checkout.id):
            return before
        return self.submit(self.authorize(checkout.merchant.address, checkout.amount_yen, checkout.id))

    def send(self, to: bytes, amount_yen: int) -> Paid:
        """Send coins to another person's wallet.

        Raises: as `submit`.
        """
        self._finish_doubt(None)
        return self.submit(self.authorize(to, amount_yen, None))

    def authorize(self, payee: bytes, amount_yen: int, checkout: str | None) -> Authorization:
        """Sign a payment with the lowest leased nonce, valid for twelve hours; nothing is sent."""
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
        """Send a signed payment; the same one any number of times pays once.

        Raises: Rejected with the ladder's reason; CoinError (receipt_wrong);
                Unavailable, if it stays unknown whether it was accepted: it is `in_doubt` then.
        """
        self._set_doubt(authorization)
        try:
            [result] = submit_many(self._gateway, [authorization])
        except InvalidInput:
            # The request itself was refused, and would be however often it came: nothing is in doubt.
            self._refused(authorization)
            raise
        return self.conclude(authorization, result)

    def conclude(self, authorization: Authorization, result: Json) -> Paid:
        """Take the gateway's answer to one authorization, however it was sent.

        Raises: as `submit`.
        """
        if take(result, "status", str) == "accepted":
            try:
                paid = verified(self._gateway.town, authorization, result)
            except CoinError:
                self._answered(authorization)
                raise
            # The receipt before the doubt is forgotten: after a crash in between, the same bytes get the same receipt.
            self._keep(paid)
            self._answered(authorization)
            return paid
        refusal = error_of(result, 409)
        self._refused(authorization, refusal)
        raise refusal

    def resolve(self) -> Paid | None:
        """Learn the fate of the payment in doubt by sending the same bytes again.

        Returns: it, if it was accepted (now or then); None, if there was none or it was refused.
        Raises:  Unavailable, if it is still unknown.
        """
        if self._in_doubt is None:
            return None
        try:
            return self.submit(self._in_doubt)
        except (Rejected, InvalidInput, Conflict):
            return None

    def _finish_doubt(self, checkout: str | None) -> Paid | None:
        """Give the payment that was in doubt if it was this checkout's; whoever wanted another one asks again."""
        before = self.resolve()
        if before is None or (checkout is not None and before.receipt.checkout == checkout):
            return before
        raise EarlierPaymentAccepted(before)

    # ------------------------------------------------------------ nonces

    def lease_nonces(self, count: int = LEASE_COUNT) -> tuple[int, ...]:
        """Borrow windowed nonces for this device; what it holds unused it gets again."""
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
