"""Clients that use nothing of ours, as docs/integration.md shows them, pay and see their payment on the chain."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from api.app import build_app
from api.gateway import Gateway
from coin.chain.rpc import Rpc
from coin.database.database import Database
from coin.formats import WINDOWED_NONCES_END
from coin.reconciliation.reconcile import reconcile
from tests.served import serving
from tests.worlds.people import key_of
from tests.worlds.settled import SettledTown
from tools.node import find_node

ROOT = Path(__file__).parents[2]
MANUAL = (ROOT / "docs" / "integration.md").read_text("utf-8")
COMMANDS: dict[str, Callable[[], list[str]]] = {
    "python": lambda: [sys.executable, "-"],
    "javascript": lambda: [str(find_node()), "--input-type=module", "-"],
}


def program(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", MANUAL, re.DOTALL)
    return str(found)


LONGEST_LINE, MOST_LINES = 140, 30


@pytest.fixture
def url(town: SettledTown, app_url: str) -> Iterator[str]:
    """The gateway of a town whose first operations stand on the chain."""
    town.settle()
    books = Database.open(app_url)
    gateway = Gateway.assemble(books, town.municipality, town.clock, key_of("receipts"))
    with serving(build_app(gateway)) as url:
        yield url


def start(language: str, text: str, url: str, amount_yen: int = 777) -> "subprocess.Popen[str]":
    """Start a program; it pays to shop 1 from aoi's wallet."""
    settings = {"GATEWAY": url, "KEY": "0x" + key_of("aoi").hex(), "SHOP": "1", "AMOUNT": str(amount_yen)}
    settings |= {"EVERY_S": "0.2"}
    client = subprocess.Popen(
        COMMANDS[language](),
        cwd=ROOT,
        env=settings,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert client.stdin is not None
    client.stdin.write(text)
    client.stdin.close()
    client.stdin = None
    return client


@pytest.mark.parametrize("language", COMMANDS)
def test_a_client_by_others_pays_with_a_random_nonce_and_is_confirmed_on_the_chain(
    town: SettledTown, rpc: Rpc, url: str, language: str
) -> None:
    client = start(language, program(language), url)
    while client.poll() is None:
        town.settle()
    said, complaint = client.communicate()

    assert client.returncode == 0, complaint
    shown = json.loads(said)
    receipt = rpc.call("eth_getTransactionReceipt", shown["transaction"])
    assert receipt["status"] == "0x1"
    assert int(receipt["to"], 16) == int.from_bytes(town.settler.contract.address, "big")
    found = reconcile(town.database, town.municipality, rpc)
    assert found.differences == ()
    assert sum(row["amount"] for row in town.rows("SELECT amount FROM payment")) == 777
    (nonce,) = (row["nonce"] for row in town.rows("SELECT nonce FROM random_nonce"))
    assert int.from_bytes(nonce, "big") >= WINDOWED_NONCES_END


FORGERIES = {
    "python": ('receipt | {"checkout"', 'receipt | {"amount": 778, "checkout"'),
    "javascript": ("{ ...receipt, acceptedAtMs", "{ ...receipt, amount: 778, acceptedAtMs"),
}


@pytest.mark.parametrize("language", COMMANDS)
def test_a_receipt_for_one_yen_more_does_not_verify_in_either_client(url: str, language: str) -> None:
    true, forged = FORGERIES[language]
    assert true in program(language)

    client = start(language, program(language).replace(true, forged), url)
    said, complaint = client.communicate()

    assert client.returncode != 0
    assert said == ""
    assert "this is no receipt of the town" in complaint


def test_the_published_typed_data_are_those_of_the_formats(url: str) -> None:
    published = httpx.get(f"{url}/v1/typed-data").json()

    fixed = (ROOT / "docs" / "formats.md").read_text("utf-8")
    assert set(published["types"]) == {
        "Session",
        "TransferWithAuthorization",
        "CancelAuthorization",
        "Receipt",
    }
    for name, fields in published["types"].items():
        listed = ",".join(f"{field['type']} {field['name']}" for field in fields)
        assert f"\n{name}({listed})\n" in fixed
    assert published["domain"] == httpx.get(f"{url}/v1/municipality").json()["domain"]


@pytest.mark.parametrize("language", COMMANDS)
def test_a_client_by_others_says_what_a_refusal_was(url: str, language: str) -> None:
    client = start(language, program(language), url, amount_yen=40_000)

    said, complaint = client.communicate()

    assert client.returncode != 0
    assert said == ""
    assert "refused: insufficient_balance: The balance is not sufficient." in complaint


@pytest.mark.parametrize("language", COMMANDS)
def test_the_programs_are_thirty_lines_that_use_nothing_of_ours(language: str) -> None:
    lines = [line for line in program(language).split("\n") if line.strip()]

    imported = [line for line in lines if line.startswith(("import ", "from "))]
    assert not [
        line for line in imported if re.search(r"\b(coin|api|bandai_client|wallet_cli|town_cli)\b", line)
    ]
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LONGEST_LINE
    assert "bytes32" not in program(language), "types come from the gateway"
