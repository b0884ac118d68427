"""Signs messages with the keys of staff, channels and the cashier; coin.operations verifies the signatures.

Keeps I-12: a secret is passed only to the core.
"""

from dataclasses import dataclass, field

from coin import core
from coin.messages import Domain, Message
from coin.signatures import Signature


@dataclass(frozen=True)
class Signatory:
    """A key of the office that signs."""

    secret: bytes = field(repr=False)

    @property
    def address(self) -> bytes:
        """The address that the contract knows."""
        return core.addresses(self.secret)

    def sign(self, domain: Domain, message: Message) -> Signature:
        """Sign one message."""
        return Signature(self.address, core.sign(self.secret, message.digest(domain)))


@dataclass(frozen=True)
class StaffPair:
    """Two members of staff who sign together; the nonce of the first is used."""

    first: Signatory
    second: Signatory

    def sign(self, domain: Domain, message: Message) -> tuple[Signature, Signature]:
        """Return both signatures over one message."""
        return self.first.sign(domain, message), self.second.sign(domain, message)
