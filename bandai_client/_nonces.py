"""The nonces of its window that a wallet has leased for one device, lowest first, each taken once."""

from bandai_client._errors import answer_wrong
from bandai_client._gateway import Gateway
from bandai_client._keys import Key
from bandai_client._outstanding import Outstanding
from bandai_client._reading import take
from bandai_client._session import Sessions

LEASE_COUNT = 16


class Nonces:
    """The nonces of a wallet that one device has leased."""

    def __init__(
        self, gateway: Gateway, sessions: Sessions, key: Key, device: str, outstanding: Outstanding
    ) -> None:
        self._gateway = gateway
        self._sessions = sessions
        self._path = f"/v1/wallets/{key}/nonces"
        self._device = device
        self._outstanding = outstanding
        self._free: list[int] = []
        self._until_ms = 0

    def lease(self, count: int) -> tuple[int, ...]:
        """Lease nonces. The device gets its unused ones again, except an outstanding one.

        Raises:  CoinError (gateway_answer_wrong).
        """
        answer = self._sessions.post(self._path, {"device": self._device, "count": count})
        nonces = take(answer, "nonces", list)
        if not nonces or any(type(nonce) is not int for nonce in nonces):
            raise answer_wrong("nonces")
        self._free = sorted(set(nonces) - {self._outstanding.nonce})
        self._until_ms = take(answer, "until", int)
        return tuple(self._free)

    def take(self) -> int:
        """Take the lowest nonce; lease new ones if none is left or the lease has ended. Raises: as `lease`."""
        if not self._free or self._gateway.now_ms() >= self._until_ms:
            self.lease(LEASE_COUNT)
        if not self._free:
            raise answer_wrong("nonces")
        return self._free.pop(0)
