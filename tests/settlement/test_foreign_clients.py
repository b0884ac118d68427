"""Clients that use nothing of ours, as docs/integration.md shows them, pay and see their payment on the chain."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from settled_town import SettledTown, signatory

from api.app import build_app
from api.gateway import Gateway
from coin.chain.rpc import Rpc
from coin.database.database import Database
from coin.settlement.reconcile import reconcile
from tests.served import serving
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


@pytest.mark.parametrize("language", COMMANDS)
def test_a_client_by_others_pays_with_a_random_nonce_and_is_confirmed_on_the_chain(
    town: SettledTown, rpc: Rpc, app_url: str, language: str
) -> None:
    town.settle()
    books = Database.open(app_url)
    gateway = Gateway.assemble(books, town.municipality, town.clock, signatory("receipts").secret)
    with serving(build_app(gateway)) as url:
        environment = {
            "GATEWAY": url,
            "KEY": "0x" + signatory("aoi").secret.hex(),
            "SHOP": "1",
            "AMOUNT": "777",
        }
        client = subprocess.Popen(
            COMMANDS[language](),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert client.stdin is not None
        client.stdin.write(program(language))
        client.stdin.close()
        client.stdin = None
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


def test_the_programs_import_nothing_of_ours() -> None:
    imported = re.findall(r"^(?:import|from) (.+)$", program("python"), re.MULTILINE)

    assert not [line for line in imported if re.match(r"(coin|api|wallet_cli|town_cli)\b", line)]
    assert program("python").count("\n") < 50
    assert program("javascript").count("\n") < 50
