"""One chain per module; each test sees the town as it was opened."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.worlds.contract import Town, new_town, open_town


@pytest.fixture(scope="module")
def opened() -> Town:
    """A town in service, deployed once."""
    return _settled(open_town())


@pytest.fixture(scope="module")
def deployed() -> Town:
    """A contract as its constructor left it."""
    return _settled(new_town())


@pytest.fixture
def town(opened: Town) -> Iterator[Town]:
    """The town in service; what a test does is undone after it."""
    yield from _undone(opened)


@pytest.fixture
def empty(deployed: Town) -> Iterator[Town]:
    """The fresh contract; what a test does is undone after it."""
    yield from _undone(deployed)


def _settled(town: Town) -> Town:
    """With an empty block on top: to undo a test, the chain plays the block of the snapshot again, whatever is in it."""
    town.tester.mine_block()
    return town


def _undone(town: Town) -> Iterator[Town]:
    snapshot = town.tester.take_snapshot()
    yield replace(town, nonces=dict(town.nonces))
    town.tester.revert_to_snapshot(snapshot)
