import pytest
from other_side import OtherSide
from real_line import open_line

from bandai_client import Key, Wallet
from coin.keystore import write_keystore


@pytest.fixture(autouse=True)
def _cheap_scrypt(monkeypatch):
    """Opening a wallet's file takes half a second on purpose; that cost has a test of its own."""

    def cheap(*arguments):
        write_keystore(*arguments, cost_log2=10)

    monkeypatch.setattr("wallet_cli.resident.keystore.write_keystore", cheap)


@pytest.fixture
def side():
    return OtherSide()


@pytest.fixture
def wallet(side):
    with side.gateway() as connected:
        yield Wallet(connected, Key(bytes(31) + b"\x01"))


@pytest.fixture
def line(database):
    with open_line(database) as opened:
        yield opened
