"""A wallet that is killed between request and answer pays once: the next run finds out the outcome of the sent payment."""

import json
import os
import signal
import subprocess
import sys
import threading

import httpx
import pytest
from typer.testing import CliRunner

from bandai_client import Till
from tests.served import serving
from wallet_cli.resident import main
from wallet_cli.resident.keystore import Keystore

PASSWORD = "磐梯山の宝 2022"


class SilentLine:
    """A line to the gateway that carries every request there; while it is `silent`, answers to payments are lost."""

    def __init__(self, url):
        self.url = url
        self.silent = False
        self.arrived = threading.Event()

    async def __call__(self, scope, receive, send):
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        kept = {name.decode(): value.decode() for name, value in scope["headers"] if name != b"host"}
        async with httpx.AsyncClient(base_url=self.url) as http:
            answer = await http.request(scope["method"], scope["path"], content=body, headers=kept)
        if self.silent and scope["path"] == "/v1/payments":
            self.arrived.set()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        kind = answer.headers["content-type"].encode()
        await send(
            {
                "type": "http.response.start",
                "status": answer.status_code,
                "headers": [(b"content-type", kind)],
            }
        )
        await send({"type": "http.response.body", "body": answer.content})


@pytest.fixture
def between(line):
    proxy = SilentLine(line.url)
    with serving(proxy, lifespan="off") as url:
        proxy.address = url
        yield proxy


@pytest.fixture
def home(line, between, tmp_path):
    home = tmp_path / "wallet"
    run(home, "create", "--gateway", between.address)
    run(home, "register")
    [key] = Keystore.list(home / "keys.json")
    line.town.register("hana")
    line.town.charge("hana", 5_000)
    line.wallet("hana").send(key.address, 1_000)
    return home


def environment(home):
    return {"BANDAI_WALLET_HOME": str(home), "BANDAI_WALLET_PASSWORD": PASSWORD, "LC_ALL": "ja_JP.UTF-8"}


def run(home, *words):
    return CliRunner().invoke(main.app, list(words), env=environment(home))


def killed_while_paying(between, home, code):
    """Pay in a process of its own; when the payment has arrived and before its answer, kill -9."""
    between.silent = True
    process = subprocess.Popen(
        [sys.executable, "-m", "wallet_cli.resident", "pay", code, "--yes"],
        env=os.environ | environment(home),
    )
    assert between.arrived.wait(30)
    process.send_signal(signal.SIGKILL)
    assert process.wait(10) == -signal.SIGKILL
    between.silent = False


def test_the_same_code_again_gives_the_receipt_of_the_first_payment(line, between, home):
    code = Till(line.gateway, line.credential).open_checkout(400).qr_text
    killed_while_paying(between, home, code)

    again = run(home, "pay", code, "--yes", "--json")

    assert again.exit_code == 0, again.output
    paid = json.loads(again.stdout)
    assert (paid["paid"], paid["amount"]) == (True, 400)
    assert line.town.shop_balance(1) == 400
    assert len(list((home / "receipts").iterdir())) == 1
    assert not list(home.glob("outstanding*"))


def test_another_code_is_not_paid_before_the_person_was_told_of_the_first(line, between, home):
    till = Till(line.gateway, line.credential)
    first, second = till.open_checkout(400).qr_text, till.open_checkout(300).qr_text
    killed_while_paying(between, home, first)

    told = run(home, "pay", second, "--yes")
    once_more = run(home, "pay", second, "--yes")

    assert (told.exit_code, told.stderr.strip().rpartition(" ")[2]) == (8, "[earlier_payment_accepted]")
    assert once_more.exit_code == 0
    assert line.town.shop_balance(1) == 700
    assert len(list((home / "receipts").iterdir())) == 2
