"""A till hears of its payment by the gateway's stream, and by asking where there is none or it breaks."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.app import build_app
from api.gateway import Gateway as Server
from api.problems import response_of
from bandai_client import Gateway, Till
from coin.database.database import Database
from coin.errors import TooManyRequests, Unavailable
from tests.served import serving
from wallet_cli.till import waiting


class Between:
    """A line that treats streams as `how` says: lets them pass, has none, cuts them after the first event, or answers
    whatever is asked with 429, as a gateway does whose address asks too often."""

    def __init__(self, app, how):
        self.app = app
        self.how = how
        self.streams = self.refused = 0
        self.asked = threading.Event()

    async def __call__(self, scope, receive, send):
        if self.how == "busy":
            self.refused += 1
            await response_of(TooManyRequests(1))(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"].endswith("/events"):
            self.streams += 1
            if self.how == "none":
                scope = {**scope, "path": "/v1/nothing", "raw_path": b"/v1/nothing"}
            elif self.how == "cut":
                send = _cutting(send)
        elif scope["type"] == "http" and scope["path"].startswith("/v1/checkouts/"):
            self.asked.set()
        await self.app(scope, receive, send)


def _cutting(send):
    async def cut(message):
        if message["type"] == "http.response.body" and message["body"]:
            await send({**message, "more_body": True})
            raise ConnectionResetError
        await send(message)

    return cut


@pytest.fixture
def connect(line, app_url):
    """Put a till at the end of such a line; the wallet pays past it."""
    database = Database.open(app_url)
    server = Server.assemble(database, line.town.municipality, line.town.clock, line.receipts_key)
    opened = []

    def connected(how):
        between = Between(build_app(server), how)
        serve = serving(between, lifespan="off")
        url = serve.__enter__()
        opened.append(serve)
        gateway = Gateway(url, now_ms=line.town.clock.now_ms)
        return between, Till(gateway, line.credential)

    yield connected
    server.watchers.close()
    for serve in opened:
        serve.__exit__(None, None, None)
    server.close()


def pay_later(line, till, after, **how):
    """Wait at the till, and pay at another gateway process when `after` says that the till is waiting."""
    wallet = line.wallet("hana")
    wallet.register()
    line.town.charge("hana", 1_000)
    checkout = till.open_checkout(400)
    with ThreadPoolExecutor(1) as hands:
        waiting = hands.submit(till.wait_until_paid, checkout, **how)
        after()
        paid = wallet.pay(checkout.qr_text)
        return waiting.result(20), paid.receipt


def test_the_stream_brings_the_receipt_of_a_payment_accepted_by_another_process(line, connect):
    between, till = connect("passes")

    taken, paid = pay_later(line, till, lambda: wait_for(lambda: between.streams), sleep=pytest.fail)

    assert taken == paid
    assert not between.asked.is_set()


def test_a_gateway_without_streams_is_asked(line, connect):
    between, till = connect("none")

    taken, paid = pay_later(line, till, between.asked.wait, interval_s=0.02)

    assert taken == paid
    assert between.streams >= 1


def test_a_stream_that_breaks_is_replaced_by_asking(line, connect):
    between, till = connect("cut")

    taken, paid = pay_later(line, till, between.asked.wait, interval_s=0.02)

    assert taken == paid
    assert between.streams >= 1


def test_a_till_behind_an_address_that_asks_too_often_goes_on_waiting(line, connect, monkeypatch):
    monkeypatch.setattr(waiting, "_AGAIN_S", 0.01)
    between, till = connect("passes")
    checkout = till.open_checkout(400)
    wallet = line.wallet("hana")
    wallet.register()
    line.town.charge("hana", 1_000)

    between.how = "busy"
    with ThreadPoolExecutor(1) as hands:
        wait = hands.submit(waiting.wait_patiently, till, line.gateway, checkout, lambda: None)
        wait_for(lambda: between.refused > 3)
        between.how = "passes"
        paid = wallet.pay(checkout.qr_text)

    assert wait.result() == paid.receipt


def test_after_ten_questions_the_stream_is_tried_again(side):
    with side.gateway() as gateway:
        till = Till(gateway, "secret-of-the-till")
        checkout = till.open_checkout(1250)
        naps = []

        def sleep(interval_s):
            naps.append(interval_s)
            if len(naps) == 25:
                side.lose_request = lambda _: True

        with pytest.raises(Unavailable):
            till.wait_until_paid(checkout, sleep=sleep)

    assert len(naps) == 25
    assert len([path for path, *_ in side.requests if path.endswith("/events")]) == 3


def wait_for(is_so):
    for _ in range(1_000):
        if is_so():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it did not happen")
