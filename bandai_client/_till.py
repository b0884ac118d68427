"""A shop's till: opens checkouts, returns their codes, and accepts only a verified receipt, once.

Decides when goods may be handed over. It has a credential and no key, so that nobody can take money with a till.
"""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing

from bandai_client._checkouts import Checkout, Recent, ShopPayment
from bandai_client._errors import answer_wrong, receipt_wrong
from bandai_client._gateway import Gateway
from bandai_client._pairing import PairedTill
from bandai_client._reading import Json, take, take_objects
from bandai_client._receipt_book import ReceiptBook
from bandai_client._receipts import Receipt, verify_receipt
from bandai_client._session import Session, Sessions, present_credential
from coin.codes import new_checkout_id
from coin.errors import CoinError, Conflict, InvalidInput
from coin.messages import checksum_address
from coin.qr.text import Dynamic, parse

_ASKS_BEFORE_NEXT_STREAM = 10
_LAST_COMMIT_MS = 2_000  # an acceptance before the deadline may be committed shortly after it


class Till:
    """One till at one gateway."""

    def __init__(
        self,
        gateway: Gateway,
        credential: str,
        *,
        book: ReceiptBook | None = None,
        paired: PairedTill | None = None,
    ) -> None:
        """Prepare a till with a credential; nothing is sent yet.

        `book` records across restarts what was taken. `paired` is the till that this device has become; with it the till
        refuses payments of another shop, or of another till, which takes them itself.
        """
        self._gateway = gateway
        self._book = book or ReceiptBook()
        self._paired = paired
        self._opened: set[str] = set()
        self._sessions = Sessions(gateway, lambda: present_credential(gateway, credential))

    def open_session(self) -> Session:
        """Exchange the credential for a session.

        Raises:  Unauthorized, if the credential is unknown or revoked.
        """
        return self._sessions.open()

    def open_checkout(self, amount_yen: int, reference: str | None = None) -> Checkout:
        """Open a checkout for an amount; the customer scans its `qr_text`, which is verified to say exactly this.

        The till draws the id, and every receipt names it, so that no receipt for it can be older than this request.

        Raises:  CoinError (gateway_answer_wrong, till_shop_changed), if the answer is not what was asked for.
        """
        drawn = new_checkout_id()
        body: dict[str, object] = {"amount": amount_yen, "checkout": drawn}
        if reference is not None:
            body["reference"] = reference
        opened = self._read(self._sessions.post("/v1/tills/checkouts", body))
        if opened.id != drawn:
            raise answer_wrong("checkout")
        if opened.amount_yen != amount_yen:
            raise answer_wrong("amount")
        self._demand_own_code(opened)
        self._opened.add(opened.id)
        return opened

    def look(self, checkout: str) -> Checkout:
        """Return a checkout in its present state.

        Raises:  CoinError (gateway_answer_wrong, till_shop_changed), if the answer is about another checkout.
        """
        found = self._read(self._sessions.get(f"/v1/checkouts/{checkout}"))
        if found.id != checkout:
            raise answer_wrong("checkout")
        return found

    def cancel(self, checkout: str) -> Checkout:
        """Cancel a checkout of this shop's tills; return it as it is then: cancelled, or paid if a payment came first.

        Raises:  NotFound (checkout_unknown); as `look`.
        """
        ended = self._read(self._sessions.post(f"/v1/tills/checkouts/{checkout}/cancellation", {}))
        if ended.id != checkout or ended.status not in ("cancelled", "paid"):
            raise answer_wrong("checkout")
        return ended

    def take(self, checkout: Checkout, receipt: Receipt) -> None:
        """Take the receipt of one of this till's checkouts: verify that it is genuine, for exactly this checkout, and new.

        Raises:  CoinError (receipt_wrong); Conflict (receipt_taken, receipt_of_other_till).
        """
        self.demand_for(checkout, receipt)
        if not self._is_ours(receipt):
            raise Conflict(
                "ほかのレジのお会計です。そのレジで確かめてください。",
                "This was paid at another till, which takes it.",
                code="receipt_of_other_till",
            )
        self._book.take(self._gateway.town, receipt)

    @staticmethod
    def demand_for(checkout: Checkout, receipt: Receipt) -> None:
        """Check that a receipt is for exactly this checkout. Raises: CoinError (receipt_wrong)."""
        promised = (receipt.checkout, receipt.amount_yen, receipt.merchant)
        if promised != (checkout.id, checkout.amount_yen, checkout.merchant.address):
            raise receipt_wrong("checkout")

    def recent(self, minutes: int = 10) -> list[Recent]:
        """Return the recent checkouts of this till's shop, newest first."""
        answer = self._sessions.get("/v1/tills/checkouts", {"minutes": str(minutes)})
        items = [Recent.read(item) for item in take_objects(answer, "items")]
        for item in items:
            self._demand_own_shop(item.checkout)
        return items

    def payments(self, before: int | None = None) -> tuple[list[ShopPayment], bool]:
        """Return a page of the shop's payments, newest first, and whether there are older ones; `before` is the number in the
        journal of the last one of the page before. The receipts are not verified yet: `demand_genuine`."""
        asked = {} if before is None else {"before": str(before)}
        answer = self._sessions.get("/v1/tills/payments", asked)
        return [ShopPayment.read(item) for item in take_objects(answer, "items")], take(answer, "more", bool)

    def follow_payments(self, after: int) -> Iterator[ShopPayment]:
        """Yield each of the shop's payments after this number as it happens, until the gateway ends the stream. There are no
        retries; `Watch` has them.

        Raises:  Unauthorized; TooManyRequests; Unavailable.
        """
        for answer in self._sessions.follow("/v1/tills/payments/events", after):
            yield ShopPayment.read(answer)

    def demand_genuine(self, paid: ShopPayment) -> None:
        """Check that the town signed the receipt of a payment, for this till's shop.

        Raises:  CoinError (receipt_wrong).
        """
        verify_receipt(self._gateway.town, paid.receipt)
        own = self._paired
        if own is not None and checksum_address(paid.receipt.merchant) != own.shop_address:
            raise receipt_wrong("merchant")

    def take_of_no_till(self, receipt: Receipt) -> bool:
        """Take a payment that belongs to no till, as those by the sticker; return whether it is new to this till."""
        try:
            self._book.take(self._gateway.town, receipt)
        except Conflict:
            return False
        return True

    def wait_until_paid(
        self,
        checkout: Checkout,
        *,
        interval_s: float = 1.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Receipt | None:
        """Wait until a checkout is paid and take its receipt.

        Listens to the gateway's stream; if there is none, or it fails, polls every `interval_s` seconds.

        Returns: the payment; None, if the checkout expired or was cancelled.
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
        receipt = now.receipt()
        self.take(checkout, receipt)
        return receipt

    def _read(self, answer: Json) -> Checkout:
        checkout = Checkout.read(answer)
        self._demand_own_shop(checkout)
        return checkout

    def _demand_own_shop(self, checkout: Checkout) -> None:
        """Check the shop: a false gateway could name its own shop, whose receipts are genuine."""
        shop, own = checkout.merchant, self._paired
        if own is not None and (shop.number, checksum_address(shop.address)) != (
            own.shop_number,
            own.shop_address,
        ):
            raise CoinError(
                "お店の情報がレジを登録した時と違います。町の窓口で確かめ、新しい番号で登録し直してください。",
                "The shop is not the one that this till was paired for; ask the town for a new code and pair again.",
                code="till_shop_changed",
            )

    def _demand_own_code(self, checkout: Checkout) -> None:
        try:
            code = parse(checkout.qr_text)
        except InvalidInput:
            raise answer_wrong("qr") from None
        asked = (self._gateway.town.municipality, checkout.merchant.number, checkout.amount_yen, checkout.id)
        if not isinstance(code, Dynamic) or asked != (
            code.municipality,
            code.merchant_number,
            code.amount_yen,
            code.checkout,
        ):
            raise answer_wrong("qr")

    def _is_ours(self, receipt: Receipt) -> bool:
        """Return whether this till may take the receipt. A sticker's payment belongs to no till: any till may take it, but
        not for a checkout that it opened itself."""
        if self._paired is None or receipt.till == self._paired.till:
            return True
        return receipt.till == "" and receipt.checkout not in self._opened

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
            return  # whatever is wrong, polling will show it
