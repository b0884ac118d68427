"""Sessions: opened with a key or with a till's credential, and used for requests.

A new session is opened if there is none, shortly before it ends, and once after a refusal.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bandai_client._errors import answer_wrong
from bandai_client._gateway import Gateway
from bandai_client._keys import Key
from bandai_client._reading import Json, take
from coin import messages
from coin.errors import Unauthorized
from coin.messages import parse_bytes32

MARGIN_S = 30


@dataclass(frozen=True)
class Session:
    """A token for a short time, and when it expires by the gateway's clock."""

    token: str
    expires_at_s: int

    @classmethod
    def read(cls, answer: Json) -> "Session":
        """Read the answer to an opened session."""
        return cls(take(answer, "token", str), take(answer, "expires_at", int))


class Sessions:
    """The gateway for one caller; `opener` authenticates the caller."""

    def __init__(self, gateway: Gateway, opener: Callable[[], Session]) -> None:
        self._gateway = gateway
        self._opener = opener
        self._session: Session | None = None

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Call `Gateway.get` with the session's token."""
        return self._with_token(lambda token: self._gateway.get(path, token=token, params=params))

    def post(self, path: str, body: Json) -> Json:
        """Call `Gateway.post` with the session's token."""
        return self._with_token(lambda token: self._gateway.post(path, body, token=token))

    def follow(self, path: str, last: int | None = None) -> Iterator[Json]:
        """Call `Gateway.follow` with the session's token."""
        return self._gateway.follow(path, token=self._current().token, last=last)

    def open(self) -> Session:
        """Open a new session now.

        Raises:  Unauthorized, if the caller is unknown or revoked.
        """
        self._session = self._opener()
        return self._session

    def _with_token(self, request: Callable[[str], Json]) -> Json:
        try:
            return request(self._current().token)
        except Unauthorized:
            # The gateway may end a session early, so retry once; a second refusal is final.
            return request(self.open().token)

    def _current(self) -> Session:
        now_s = self._gateway.now_ms() // 1000
        if self._session is None or now_s >= self._session.expires_at_s - MARGIN_S:
            return self.open()
        return self._session


def prove_key(gateway: Gateway, key: Key) -> Session:
    """Open a session by signing a fresh challenge for this town's contract.

    Raises:  CoinError (gateway_answer_wrong), if the challenge is for another audience.
    """
    town = gateway.town
    asked = gateway.post("/v1/sessions/challenges", {"wallet": str(key)})
    fields = {name: take(asked, name, int) for name in ("issued_at", "expires_at")}
    challenge = parse_bytes32(take(asked, "challenge", str), "challenge")
    audience = town.audience
    # A signature for another audience could open a session elsewhere in this wallet's name.
    if asked.get("audience") != audience:
        raise answer_wrong("audience")
    _, signature = key.sign_message(
        town.domain,
        messages.Session(
            audience=audience,
            wallet=key.address,
            challenge=challenge,
            issued_at_s=fields["issued_at"],
            expires_at_s=fields["expires_at"],
        ),
    )
    proof = {"wallet": str(key), "challenge": "0x" + challenge.hex(), **fields}
    proof["signature"] = "0x" + signature.hex()
    return Session.read(gateway.post("/v1/sessions", proof, repeatable=False))


def present_credential(gateway: Gateway, credential: str) -> Session:
    """Exchange a till's credential for a session, at the pinned town only.

    Raises:  Unauthorized, if the credential is unknown or revoked.
    """
    gateway.demand_town()
    return Session.read(gateway.post("/v1/sessions/credentials", {"credential": credential}))
