"""Makes the signatures that staff, channels and the cashier are asked for; the office checks them again.

Keeps I-12: a secret is handed to the core and to nothing else.
"""

from dataclasses import dataclass, field

from coin import core
from coin.messages import Domain, Message
from coin.signatures import Signature


@dataclass(frozen=True)
class Signatory:
    """One key of the office, ready to sign."""

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
    """Two members of staff, who must both sign what one may not do alone; the first one's nonce is used."""

    first: Signatory
    second: Signatory

    def sign(self, domain: Domain, message: Message) -> tuple[Signature, Signature]:
        """Both signatures over one message."""
        return self.first.sign(domain, message), self.second.sign(domain, message)
