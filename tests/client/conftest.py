"""The other side of the client: answers as written in a test, or a real gateway."""

from tests.worlds.line_fixtures import line, side, wallet

__all__ = ["line", "side", "wallet"]
