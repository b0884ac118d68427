"""A town in a fresh database on a fresh contract; one chain for all tests that do not break it."""

from tests.worlds.settled_fixtures import chain, chain_of_its_own, rpc, town

__all__ = ["chain", "chain_of_its_own", "rpc", "town"]
