"""The windowed nonces that a wallet has borrowed for one device, the lowest first.

A nonce comes back only for a payment that makes its first use worthless: who gives it back decides that.
"""

from collections.abc import Set

from bandai_client._errors import answer_wrong
from bandai_client._gateway import Gateway
from bandai_client._keys import Key
from bandai_client._reading import take
from bandai_client._session import Sessions

LEASE_COUNT = 16


class Nonces:
    """What one device holds of a wallet's nonces."""

    def __init__(self, gateway: Gateway, sessions: Sessions, key: Key, device: str) -> None:
        self._gateway = gateway
        self._sessions = sessions
        self._path = f"/v1/wallets/{key}/nonces"
        self._device = device
        self._free: list[int] = []
        self._until_ms = 0

    def lease(self, count: int, held_back: Set[int]) -> tuple[int, ...]:
        """Borrow nonces; what the device holds unused it gets again, but for those `held_back`.

        Raises: CoinError (gateway_answer_wrong).
        """
        answer = self._sessions.post(self._path, {"device": self._device, "count": count})
        nonces = take(answer, "nonces", list)
        if not nonces or any(type(nonce) is not int for nonce in nonces):
            raise answer_wrong("nonces")
        self._free = sorted(set(nonces) - held_back)
        self._until_ms = take(answer, "until", int)
        return tuple(self._free)

    def take(self, held_back: Set[int]) -> int:
        """Take the lowest, leased now if none is left or their time has passed. Raises: as `lease`."""
        if not self._free or self._gateway.now_ms() >= self._until_ms:
            self.lease(LEASE_COUNT, held_back)
        if not self._free:
            raise answer_wrong("nonces")
        return self._free.pop(0)

    def give_back(self, nonce: int) -> None:
        """Have it used again by the next payment."""
        self._free = sorted({*self._free, nonce})
