"""The other side of the wallet, and a cheap lock for its file."""

import pytest

from coin.keystore import write_keystore
from tests.worlds.line_fixtures import line, side, wallet

__all__ = ["line", "side", "wallet"]


@pytest.fixture(autouse=True)
def _cheap_scrypt(monkeypatch):
    """Opening a wallet's file takes half a second on purpose; that cost has a test of its own."""

    def cheap(*arguments):
        write_keystore(*arguments, cost_log2=10)

    monkeypatch.setattr("wallet_cli.resident.keystore.write_keystore", cheap)
