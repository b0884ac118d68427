"""The people of the demo: shops with a till each, residents with a wallet each, and their purchases.

A payment is made as in a shop: the till opens a checkout and shows its code as a picture; the wallet reads the picture,
looks up the checkout, signs and pays; the till accepts only a receipt that it has verified.
"""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

from bandai_client import Gateway, Key, Paid, Till, Wallet
from coin.errors import Unavailable
from coin.qr.picture import png
from wallet_cli.resident.camera import read_picture

Result = TypeVar("Result")
Item = TypeVar("Item")
_HANDS = 8  # how many people act at the same time
_GLANCE_S = 0.1
_LONGEST_OUTAGE_S = 60.0


@dataclass(frozen=True)
class Shop:
    """A merchant of the demo."""

    number: int
    name: str
    key: Key
    till: Till


class Resident:
    """A person with one wallet, who does one thing at a time."""

    def __init__(self, gateway: Gateway, name: str) -> None:
        self.key = Key.create()
        self.gateway = gateway
        self.wallet = Wallet(gateway, self.key, device=name)

    def buy(self, shop: Shop, amount_yen: int, outage: Callable[[], None]) -> Paid:
        """Pay a shop through its till's code; `outage` waits until the gateway is back, if it stops answering."""
        checkout = _patiently(lambda: shop.till.open_checkout(amount_yen), outage)
        code = read_picture(png(checkout.qr_text, module_px=4))
        paid = _patiently(lambda: self.wallet.pay(code), outage)
        receipt = _patiently(lambda: shop.till.wait_until_paid(checkout, interval_s=0.05), outage)
        if paid is None or receipt is None or receipt.payment != paid.payment:
            raise RuntimeError("the till and the wallet saw different payments")
        return paid


def _patiently(action: Callable[[], Result], outage: Callable[[], None]) -> Result:
    deadline = time.monotonic() + _LONGEST_OUTAGE_S
    while True:
        try:
            return action()
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            outage()


@dataclass(frozen=True)
class Purchase:
    """A purchase: the person, the shop and the amount."""

    resident: Resident
    shop: Shop
    amount_yen: int


def shopping_list(residents: list[Resident], shops: list[Shop], rounds: int, seed: int) -> list[Purchase]:
    """Return `rounds` purchases for each resident, in a random order that is the same each time."""
    chance = random.Random(seed)  # noqa: S311  (a demo's shopping list, no secret)
    purchases = [
        Purchase(resident, chance.choice(shops), chance.randrange(120, 1_900))
        for resident in residents
        for _ in range(rounds)
    ]
    chance.shuffle(purchases)
    return purchases


def go_shopping(
    purchases: list[Purchase],
    outage: Callable[[], None],
    progress: Callable[[int], None],
    meanwhile: Callable[[], None],
) -> list[Paid]:
    """Make all purchases, several at the same time; one person's purchases follow each other.

    `meanwhile` is called repeatedly in the caller's thread until all are made.
    """
    queues: dict[int, list[Purchase]] = {}
    for purchase in purchases:
        queues.setdefault(id(purchase.resident), []).append(purchase)
    done: list[Paid] = []

    def day_of(queue: list[Purchase]) -> None:
        for purchase in queue:
            done.append(purchase.resident.buy(purchase.shop, purchase.amount_yen, outage))
            progress(len(done))

    all_at_once(day_of, list(queues.values()), meanwhile)
    return done


def all_at_once(
    action: Callable[[Item], object], items: list[Item], meanwhile: Callable[[], None] = lambda: None
) -> None:
    """Call a function for every item, several at the same time; raise the first error."""
    with ThreadPoolExecutor(_HANDS) as hands:
        waiting = {hands.submit(action, item) for item in items}
        while waiting:
            done, waiting = wait(waiting, timeout=_GLANCE_S)
            for result in done:
                result.result()
            meanwhile()
