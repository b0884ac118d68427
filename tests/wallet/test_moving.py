"""The town's gateway gets another URL: wallet and till follow it, and no other town, and lose nothing on the way."""

import json
import re
from contextlib import contextmanager

import pytest
from typer.testing import CliRunner

from api.app import build_app
from api.gateway import Gateway as Server
from bandai_client import Till, Town, Wallet, pair
from coin.errors import CoinError
from coin.office import credentials
from tests.served import serving
from tests.worlds.other_side import TOWN
from tests.worlds.real_line import key_of
from wallet_cli.resident import main
from wallet_cli.resident.home import Home
from wallet_cli.resident.keystore import Keystore
from wallet_cli.till import main as till_main

PASSWORD = "磐梯山の宝 2022"
APPS = {"wallet": main.app, "till": till_main.app}


class Device:
    """A phone or a till, with its folder."""

    def __init__(self, kind, folder):
        self.kind, self.folder = kind, folder

    def run(self, *words, typed=None, language="ja_JP.UTF-8"):
        settings = {"LC_ALL": language, "BANDAI_WALLET_PASSWORD": PASSWORD}
        words = [*map(str, words), "--home", str(self.folder)]
        return CliRunner().invoke(APPS[self.kind], words, input=typed, env=settings)

    def ask(self, *words, typed=None):
        done = self.run(*words, "--json", typed=typed)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout.splitlines()[-1])

    def refused(self, *words, typed=None):
        done = self.run(*words, typed=typed)
        assert done.exit_code, done.output
        return re.search(r"\[(\w+)\]$", done.stderr.strip())[1], done.stderr

    @property
    def pinned(self):
        return json.loads((self.folder / "town.json").read_text())


@pytest.fixture
def phone(line, tmp_path):
    made = Device("wallet", tmp_path / "wallet")
    address = made.ask("create", "--gateway", line.url)["address"]
    made.ask("register")
    line.town.register("hana")
    line.town.charge("hana", 2_000)
    line.wallet("hana").send(bytes.fromhex(address[2:]), 2_000)
    return made


@pytest.fixture
def counter(line, tmp_path):
    town = line.town
    with town.books() as books:
        _, code = credentials.open_till(books, 1, "レジ 2", actor="clerk")
    made = Device("till", tmp_path / "till")
    made.ask("pair", code.text, "--gateway", line.url)
    return made


@pytest.fixture
def moved(line):
    """The same town's gateway, at another URL."""
    town = line.town
    server = Server.assemble(town.database, town.municipality, town.clock, key_of("receipts"))
    with serving(build_app(server)) as url:
        yield url


@contextmanager
def answering(answer):
    """A server that says this to every question, and what it was sent."""
    heard = []

    async def application(scope, receive, send):
        body = (await receive()).get("body", b"")
        heard.append((scope["path"], dict(scope["headers"]), body))
        head = {"type": "http.response.start", "status": 200}
        await send(head | {"headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": json.dumps(answer).encode()})

    with serving(application, lifespan="off") as url:
        yield url, heard


def other_town(device):
    answer = device.pinned["town"]
    return answer | {"receipt_key": answer["receipt_key"] | {"address": "0x" + "12" * 20}}


def what_differs(device):
    """What a refusal of the other town names, by the sentence of the client."""
    pinned, other = Town.read(device.pinned["town"]), Town.read(other_town(device))
    return pinned.differences(other)[0]


def test_a_wallet_follows_its_town_and_pays_there(line, phone, moved):
    told = phone.run("gateway", moved, typed="y\n")
    code = Till(line.gateway, line.credential).open_checkout(300).qr_text

    assert told.exit_code == 0
    assert line.url in told.output
    assert moved in told.output
    told = phone.ask("gateway")
    assert (told["gateway"], told["town"]) == (moved, "磐梯町")
    assert phone.ask("pay", code, "--yes")["amount"] == 300
    assert phone.ask("balance")["balance"] == 1_700


def test_a_till_follows_its_town_with_its_credential(counter, moved):
    assert counter.ask("gateway", moved, "--yes")["gateway"] == moved

    assert counter.ask("new", "300", "--no-wait")["status"] == "open"
    assert [item["amount"] for item in counter.ask("recent")["items"]] == [300]


def test_a_no_changes_nothing(line, phone, moved):
    assert phone.refused("gateway", moved, typed="n\n")[0] == "aborted"
    assert phone.pinned["gateway"] == line.url


@pytest.mark.parametrize("kind", ["wallet", "till"])
def test_another_town_is_refused_by_what_differs_and_hears_no_secret(line, phone, counter, kind):
    device = phone if kind == "wallet" else counter
    with answering(other_town(device)) as (url, heard):
        code, told = device.refused("gateway", url, "--yes")

    assert code == "town_changed"
    assert what_differs(device) in told
    assert device.pinned["gateway"] == line.url
    assert [(path, b"authorization" in head, body) for path, head, body in heard] == [
        ("/v1/municipality", False, b"")
    ]


def test_a_payment_in_doubt_and_its_receipt_come_over(line, phone, moved):
    key = Keystore.open(phone.folder / "keys.json", PASSWORD).get("main")
    checkout = Till(line.gateway, line.credential).open_checkout(400)
    lost = Home(phone.folder).wallet(line.gateway, key)
    authorization = lost.authorize(checkout.merchant.address, 400, checkout.id)
    lost._outstanding.add(authorization)
    Wallet(line.gateway, key).submit(authorization)  # it arrived, and no answer came

    phone.ask("gateway", moved, "--yes")
    code, _ = phone.refused("pay", Till(line.gateway, line.credential).open_checkout(300).qr_text, "--yes")

    assert code == "earlier_payment_accepted"
    assert line.town.shop_balance(1) == 400
    [kept] = (phone.folder / "receipts").iterdir()
    assert phone.ask("receipt", kept)["is_real"] is True


def test_the_same_town_at_another_url_is_told_apart_from_another_town(phone, moved):
    code, told = phone.refused("create", "--gateway", moved, "--key", "second")
    with answering(other_town(phone)) as (url, _):
        other_code, other_told = phone.refused("create", "--gateway", url, "--key", "second")

    assert (code, other_code) == ("town_changed", "town_changed")
    assert f"gateway {moved}" in told
    assert f"gateway {url}" not in other_told
    assert what_differs(phone) in other_told
    assert "--home" in other_told


@pytest.mark.parametrize("scheme", ["https", "HTTPS"])
def test_what_was_read_by_nobody_else_does_not_move_to_where_it_could_be(phone, moved, scheme):
    file = phone.folder / "town.json"
    file.write_text(json.dumps(phone.pinned | {"gateway": f"{scheme}://coin.example.jp"}))

    assert phone.refused("gateway", moved, "--yes")[0] == "gateway_insecure"


def test_no_token_and_no_credential_goes_to_a_town_that_is_not_the_pinned_one(side):
    change = {"receipt_key": {"address": "0x" + "12" * 20}}
    side.change = lambda path, answer: answer | change if path == "/v1/municipality" else answer

    with side.gateway(pinned=TOWN) as connected:
        for secret in (
            lambda: Till(connected, "secret-of-the-till").open_session(),
            lambda: pair(connected, "7Q4M-V0XH-2KTB"),
            lambda: connected.get("/v1/tills/checkouts", token="token"),
            lambda: list(connected.follow("/v1/checkouts/1/events", token="token")),
        ):
            with pytest.raises(CoinError) as refusal:
                secret()
            assert refusal.value.code == "town_changed"

    assert {path for path, _, _ in side.requests} == {"/v1/municipality"}
