"""The signed payments of a wallet whose outcome is not proved. They stay until a proof or until their end.

Decides which nonce the next payment is signed with: that of the payments here, so that at most one of all of them is ever
carried out. An answer "refused" proves nothing, because a gateway may lie, and whoever has seen the signed bytes can hand them
in later. A proof is a receipt for something signed with this nonce, or the town's receipt of the nonce's cancel.

Keeps:   I-03 as a person sees it: one purchase is paid once, whatever is answered.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bandai_client._payment import Authorization
from bandai_client._reading import Json, take
from bandai_client._town import Town

CLOCKS_DIFFER_S = 600  # a payment is over only when it is over by any clock that is nearly right


@dataclass(frozen=True)
class Sent:
    """A signed payment that was sent. `refusal` is the code of the gateway's refusal, or empty if there was no answer."""

    authorization: Authorization
    refusal: str = ""

    @classmethod
    def read(cls, town: Town, answer: Json) -> "Sent":
        """Read what `as_json` wrote. Raises: as `Authorization.read`."""
        return cls(
            Authorization.read(town, take(answer, "authorization", dict)), take(answer, "refusal", str)
        )

    def as_json(self) -> dict[str, Any]:
        """Return the JSON object that a wallet stores."""
        return {"authorization": self.authorization.as_json(), "refusal": self.refusal}


class Outstanding:
    """The list of them, in the order of signing; `remember` gets the whole list at each change."""

    def __init__(self, sent: Iterable[Sent], remember: Callable[[Sequence[Sent]], None]) -> None:
        self._sent = tuple(sent)
        self._remember = remember

    def __iter__(self) -> Iterator[Sent]:
        return iter(self._sent)

    @property
    def nonce(self) -> int | None:
        """The nonce with which the next payment must be signed; None, if nothing is outstanding."""
        return self._sent[0].authorization.nonce if self._sent else None

    @property
    def in_doubt(self) -> Authorization | None:
        """The last payment that got no answer."""
        unanswered = [one.authorization for one in self._sent if not one.refusal]
        return unanswered[-1] if unanswered else None

    def add(self, authorization: Authorization) -> None:
        """Remember a payment before it is sent, or sent again."""
        others = [one for one in self._sent if one.authorization != authorization]
        self._keep([*others, Sent(authorization)])

    def mark_refused(self, authorization: Authorization, code: str) -> None:
        """Note that the gateway says that it refused a payment; it stays outstanding."""
        self._keep(
            replace(one, refusal=code) if one.authorization == authorization else one for one in self._sent
        )

    def same(self, payee: bytes, amount_yen: int, checkout: str, until_s: int) -> Authorization | None:
        """Return the payment of this checkout, if it is valid until then: the same bytes pay once."""
        wanted = (payee, amount_yen, checkout)
        for one in (sent.authorization for sent in self._sent):
            if (one.payee, one.amount_yen, one.checkout) == wanted and one.valid_before_s >= until_s:
                return one
        return None

    def has(self, payment: bytes) -> bool:
        """Return whether a payment is outstanding."""
        return any(one.authorization.payment == payment for one in self._sent)

    def prove(self, nonce: int) -> None:
        """Forget all that was signed with a nonce, after a proof that it is used."""
        self._keep(one for one in self._sent if one.authorization.nonce != nonce)

    def drop_ended(self, now_s: int) -> None:
        """Forget what nobody can hand in any more."""
        self._keep(one for one in self._sent if one.authorization.valid_before_s + CLOCKS_DIFFER_S > now_s)

    def _keep(self, sent: Iterable[Sent]) -> None:
        kept = tuple(sent)
        if kept != self._sent:
            self._remember(kept)
        self._sent = kept
