"""What tests of the client and of the wallet ask for: the other side of a wire, and a line to a real gateway.

A folder's conftest.py takes these fixtures over.
"""

from collections.abc import Iterator

import pytest

from bandai_client import Key, Wallet
from coin.database.database import Database
from tests.worlds.other_side import OtherSide
from tests.worlds.real_line import Line, open_line


@pytest.fixture
def side() -> OtherSide:
    """A gateway's answers, without a gateway."""
    return OtherSide()


@pytest.fixture
def wallet(side: OtherSide) -> Iterator[Wallet]:
    """A wallet that talks to it."""
    with side.gateway() as connected:
        yield Wallet(connected, Key(bytes(31) + b"\x01"))


@pytest.fixture
def line(database: Database) -> Iterator[Line]:
    """A town and its real gateway."""
    with open_line(database) as opened:
        yield opened
