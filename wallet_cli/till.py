"""A shop's till: opens checkouts, shows their codes, and believes only a verified receipt, once.

Decides when goods may be handed over. It holds a credential, never a key: nobody can take money with a till.
"""

import re
import time
import unicodedata
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from coin.errors import CoinError, Conflict, InvalidInput
from wallet_cli.answers import Checkout, PairedTill, Receipt, Recent, answer_wrong, take
from wallet_cli.gateway import Gateway, Session
from wallet_cli.receipts import ReceiptBook, receipt_wrong
from wallet_cli.session import Sessions

_CODE = re.compile("[0-9A-HJKMNP-TV-Z]{12}")
_LOOKALIKES = str.maketrans("ILO", "110")
_ASKS_BEFORE_NEXT_STREAM = 10
_LAST_COMMIT_MS = 2_000  # what was accepted before the deadline may be committed a moment after it


def pair(gateway: Gateway, code: str) -> PairedTill:
    """Turn the code that the town gave to the shop into a till's credential; however it was typed, and once.

    Raises: InvalidInput (pairing_code_malformed); Unauthorized (pairing_code_invalid).
    """
    typed = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).upper().translate(_LOOKALIKES)
    if not _CODE.fullmatch(typed):
        raise InvalidInput(
            "ペアリングの番号は英数字12文字です（例 7Q4M-V0XH-2KTB）。",
            "A pairing code has 12 letters and digits, for example 7Q4M-V0XH-2KTB.",
            field="code",
            code="pairing_code_malformed",
        )
    return PairedTill.read(gateway.post("/v1/tills/pairings", {"code": typed}, repeatable=False))


class Till:
    """One till at one gateway."""

    def __init__(
        self, gateway: Gateway, credential: str, *, book: ReceiptBook | None = None, till: str | None = None
    ) -> None:
        """Hold a credential at a gateway; nothing is sent yet.

        `book` remembers over restarts what was taken. `till` is this till's id; with it the till takes no payment
        of another till, which that one takes itself.
        """
        self._gateway = gateway
        self._credential = credential
        self._book = book or ReceiptBook()
        self._till = till
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

        Raises: CoinError (receipt_wrong); Conflict (receipt_taken, receipt_of_other_till).
        """
        self.demand_for(checkout, receipt)
        if self._till is not None and receipt.till not in ("", self._till):
            raise Conflict(
                "ほかのレジのお会計です。そのレジで確かめてください。",
                "This was paid at another till, which takes it.",
                code="receipt_of_other_till",
            )
        self._book.take(self._gateway.town, receipt)

    @staticmethod
    def demand_for(checkout: Checkout, receipt: Receipt) -> None:
        """Check that a receipt is for just this checkout. Raises: CoinError (receipt_wrong)."""
        promised = (receipt.checkout, receipt.amount_yen, receipt.merchant)
        if promised != (checkout.id, checkout.amount_yen, checkout.merchant.address):
            raise receipt_wrong("checkout")

    def recent(self, minutes: int = 10) -> list[Recent]:
        """Give what happened at this till's shop in the last minutes, the newest first."""
        answer = self._sessions.get("/v1/tills/checkouts", {"minutes": str(minutes)})
        return [Recent.read(item) for item in take(answer, "items", list)]

    def wait_until_paid(
        self,
        checkout: Checkout,
        *,
        interval_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Receipt | None:
        """Wait until a checkout is paid and take its receipt.

        The gateway tells by a stream; where it has none, or it fails, it is asked every `interval_s` seconds.

        Returns: None, if its time passed without a payment.
        Raises:  as `take`; Unavailable, if the gateway does not answer.
        """
        with closing(self._states(checkout.id, interval_s, sleep)) as states:
            now = next(state for state in states if state.status != "open")
        left_ms = checkout.deadline_ms + _LAST_COMMIT_MS - self._gateway.now_ms()
        if now.status == "expired" and left_ms > 0:
            sleep(left_ms / 1000)
            now = self.look(checkout.id)
        if now.status != "paid":
            return None
        receipt = receipt_of(now)
        self.take(checkout, receipt)
        return receipt

    def _states(
        self, checkout: str, interval_s: float, sleep: Callable[[float], None]
    ) -> Generator[Checkout, None, None]:
        while True:
            yield from self._told(checkout)
            for _ in range(_ASKS_BEFORE_NEXT_STREAM):
                yield self.look(checkout)
                sleep(interval_s)

    def _told(self, checkout: str) -> Iterator[Checkout]:
        try:
            for answer in self._sessions.follow(f"/v1/checkouts/{checkout}/events"):
                yield Checkout.read(answer)
        except CoinError:
            return  # whatever is wrong, asking will say it

    def _exchange(self) -> Session:
        return Session.read(self._gateway.post("/v1/sessions/credentials", {"credential": self._credential}))


def receipt_of(checkout: Checkout) -> Receipt:
    """Give the receipt that came with a paid checkout, not verified yet."""
    answer = (checkout.payment or {}).get("receipt")
    if not isinstance(answer, dict):
        raise answer_wrong("payment")
    return Receipt.read(answer)
