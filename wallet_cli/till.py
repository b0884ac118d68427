"""A shop's till: opens checkouts, shows their codes, and believes only a verified receipt, once.

Decides when goods may be handed over. It holds a credential, never a key: nobody can take money with a till.
"""

import time
from collections.abc import Callable

from wallet_cli.answers import Checkout, Receipt, answer_wrong
from wallet_cli.gateway import Gateway, Session
from wallet_cli.receipts import ReceiptBook, receipt_wrong
from wallet_cli.session import Sessions


class Till:
    """One till at one gateway."""

    def __init__(self, gateway: Gateway, credential: str, *, book: ReceiptBook | None = None) -> None:
        self._gateway = gateway
        self._credential = credential
        self._book = book or ReceiptBook()
        self._sessions = Sessions(gateway, self._exchange)

    def open_session(self) -> Session:
        """Exchange the credential for a short token.

        Raises: Unauthorized, if the credential is unknown or revoked.
        """
        return self._sessions.open()

    def open_checkout(self, amount_yen: int, reference: str | None = None) -> Checkout:
        """Ask for an amount; `qr_text` of the answer is what the customer reads."""
        body: dict[str, object] = {"amount": amount_yen}
        if reference is not None:
            body["reference"] = reference
        return Checkout.read(self._sessions.post("/v1/tills/checkouts", body))

    def look(self, checkout: str) -> Checkout:
        """Give how a checkout stands."""
        return Checkout.read(self._sessions.get(f"/v1/checkouts/{checkout}"))

    def take(self, checkout: Checkout, receipt: Receipt) -> None:
        """Take the receipt of one of this till's checkouts: it is real, for just this, and new.

        Raises: CoinError (receipt_wrong); Conflict (receipt_taken).
        """
        promised = (receipt.checkout, receipt.amount_yen, receipt.merchant)
        if promised != (checkout.id, checkout.amount_yen, checkout.merchant.address):
            raise receipt_wrong("checkout")
        self._book.take(self._gateway.town, receipt)

    def wait_until_paid(
        self,
        checkout: Checkout,
        *,
        interval_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Receipt | None:
        """Ask until a checkout is paid and take its receipt.

        Returns: None, if its time passed without a payment.
        Raises:  as `take`.
        """
        while True:
            now = self.look(checkout.id)
            if now.status == "paid":
                receipt = _receipt_of(now)
                self.take(checkout, receipt)
                return receipt
            if now.status != "open":
                return None
            sleep(interval_s)

    def _exchange(self) -> Session:
        return Session.read(self._gateway.post("/v1/sessions/credentials", {"credential": self._credential}))


def _receipt_of(checkout: Checkout) -> Receipt:
    answer = (checkout.payment or {}).get("receipt")
    if not isinstance(answer, dict):
        raise answer_wrong("payment")
    return Receipt.read(answer)
