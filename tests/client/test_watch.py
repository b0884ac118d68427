"""A watch tells each payment of its shop once, whatever is lost between, and believes nothing but the town's receipts."""

import threading
from contextlib import suppress
from queue import Queue

import httpx
import pytest

from bandai_client import Gateway, PairedTill, Till, Watch
from coin.errors import Unauthorized
from coin.office import credentials
from coin.qr.text import Static, build
from tests.patience import HANG_S
from tests.worlds.other_side import NOW_MS, RECEIPTS, SHOP, receipt

STICKER = build(
    Static(municipality="074071", merchant_number=1, sticker_version=0, name="SHOP", city="BANDAI")
)
PAIRED = PairedTill("till-1", "レジ 1", "そば処　磐梯", 12, str(SHOP), "secret-of-the-till")


class Enough(Exception):
    """A test has seen what it wanted."""


def payment(sequence, *, to=SHOP, **lies):
    """An item of the list as the gateway gives it."""
    authorization = {"to": str(to), "checkout": None, "value": 500}
    made = receipt(authorization, sequence.to_bytes(32, "big"), sequence, {"till": ""} | lies)
    parts = [{"kind": "coin", "amount": 400}, {"kind": "point", "amount": 100}]
    return {"payment": {"receipt": made, "parts": parts}, "till": None, "reference": None}


def rounds(side, last, *answers):
    """Watch through these answers of the list, one a round (None: no answer); what was told, and how often it was lost."""
    left, told, lost, away = list(answers), [], [], []
    side.lose_request = lambda _: bool(away)
    side.change = lambda path, answer: left.pop(0) if path == "/v1/tills/payments" else answer

    def next_round(_):
        if not left:
            raise Enough
        away[:] = [left.pop(0)] if left[0] is None else []

    with side.gateway(now_ms=lambda: NOW_MS) as gateway, suppress(Enough):
        watch = Watch(Till(gateway, PAIRED.credential, paired=PAIRED), last, sleep=next_round)
        told.extend(
            (one.paid.receipt.sequence, one.is_genuine) for one in watch.payments(lambda: lost.append(1))
        )
    return told, len(lost)


def page(*items, more=False):
    """A page of the list, newest first."""
    return {"items": list(items), "more": more}


def test_a_first_watch_begins_now_and_tells_each_later_payment_once(side):
    one, two, three = payment(3), payment(5), payment(9)

    told, _ = rounds(side, None, page(one), page(two, one), page(two, one), page(three, two, one))

    assert told == [(5, True), (9, True)]


def test_what_was_missed_for_long_comes_from_as_many_pages_as_it_takes_oldest_first(side):
    told, _ = rounds(
        side,
        2,
        page(payment(9), payment(8), more=True),
        page(payment(6), payment(4), more=True),
        page(payment(2), payment(1), more=True),
    )

    assert [sequence for sequence, _ in told] == [4, 6, 8, 9]


def test_pages_that_do_not_end_are_refused_and_asked_for_again(side):
    endless = page(payment(9), more=True)

    told, lost = rounds(side, 1, endless, endless, page(payment(9)))

    assert (told, lost) == ([(9, True)], 1)


def test_an_answer_of_no_use_is_a_lost_line_and_asked_for_again(side):
    sick = {"items": "none"}

    told, lost = rounds(side, 2, page(payment(3)), sick, sick, page(payment(5), payment(3)))

    assert (told, lost) == ([(3, True), (5, True)], 1)


@pytest.mark.parametrize(
    ("status", "content"), [(500, b'{"code": "gateway_failed"}'), (200, b"<html>proxy</html>")]
)
def test_a_sick_server_and_the_page_of_a_proxy_do_not_end_a_watch(status, content):
    def once_more(_):
        tries.append(1)
        if len(tries) == 2:
            raise Enough

    tries, lost = [], []
    transport = httpx.MockTransport(lambda _: httpx.Response(status, content=content))
    gateway = Gateway("", client=httpx.Client(transport=transport, base_url="http://town.test"))
    with gateway, pytest.raises(Enough):
        next(
            Watch(Till(gateway, PAIRED.credential, paired=PAIRED), 1, sleep=once_more).payments(
                lambda: lost.append(1)
            )
        )

    assert (len(tries), len(lost)) == (2, 1)


def unsigned(sequence):
    """A payment whose amount was changed after the receipt was signed."""
    made = payment(sequence)
    made["payment"]["receipt"]["amount"] = 5_000
    return made


@pytest.mark.parametrize(
    "forged", [unsigned(900), payment(900, to=RECEIPTS)], ids=["changed", "of another shop"]
)
def test_what_is_no_receipt_for_this_shop_is_named_once_and_moves_nothing(side, forged):
    real = payment(7)

    told, _ = rounds(side, 5, page(forged), page(forged), page(forged, real))

    assert told == [(900, False), (7, True)]


def test_a_first_watch_does_not_begin_where_a_forged_receipt_says(side):
    told, _ = rounds(side, None, page(payment(900, to=RECEIPTS), payment(3)), page(payment(5)))

    assert told == [(5, True)]


def test_a_lost_connection_is_said_once_for_each_loss(side):
    told, lost = rounds(side, 2, page(payment(3)), None, None, page(payment(3)), None, page(payment(3)))

    assert told == [(3, True)]
    assert lost == 2


def test_payments_by_the_sticker_are_told_as_they_happen_and_after_a_restart_only_new_ones(line):
    wallet = line.wallet("hana")
    wallet.register()
    line.town.charge("hana", 10_000)
    till = Till(line.gateway, line.credential)
    first = Running(till, 0)

    paid = [wallet.pay(STICKER, amount).receipt for amount in (100, 200)]
    told = [first.next() for _ in paid]
    missed = wallet.pay(till.open_checkout(300, "席3").qr_text).receipt
    told.append(first.next())
    again = Running(Till(line.gateway, line.credential), paid[0].sequence)
    retold = [again.next() for _ in range(2)]

    assert [one.paid.receipt for one in told] == [*paid, missed]
    assert [one.paid.receipt for one in retold] == [paid[1], missed]
    assert (told[0].paid.till, told[2].paid.till, told[2].paid.reference) == (None, "レジ 1", "席3")
    assert told[2].paid.coins_yen + told[2].paid.points_yen == 300
    end(line, wallet, first, again)


class Running:
    """A watch in a thread of its own."""

    def __init__(self, till, last):
        self.told, self.error = Queue(), None
        self.thread = threading.Thread(
            target=self._run, args=[Watch(till, last, sleep=lambda _: None)], daemon=True
        )
        self.thread.start()

    def _run(self, watch):
        try:
            for one in watch.payments(lambda: None):
                self.told.put(one)
        except Unauthorized as error:
            self.error = error

    def next(self):
        return self.told.get(timeout=HANG_S)


def end(line, wallet, *running):
    """Revoke the credential: each watch ends with that, when the next payment wakes it."""
    with line.town.books() as books:
        [row] = books.connection.execute("SELECT id FROM credential").fetchall()
        credentials.revoke(books, row["id"], actor="clerk")
    wallet.pay(STICKER, 1)
    for one in running:
        one.thread.join(HANG_S)
        assert one.error.code == "credential_invalid"
