"""Cancels an unused authorization: the payer signs, and its nonce is used up. Source: EIP-3009."""

from collections.abc import Iterator
from dataclasses import dataclass

from coin import messages
from coin.errors import NotFound, Rejected, Rejection
from coin.ledger.posting import Posted
from coin.messages import checksum_address
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.records.kinds import Kind
from coin.registry import wallets
from coin.registry.wallets import Wallet
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class _Facts:
    """Who asks."""

    wallet: Wallet | None
    is_merchant: bool


@dataclass(frozen=True, slots=True)
class Cancel(messages.CancelAuthorization, Operation[_Facts]):
    """Uses up the nonce of an authorization that was not accepted; the payer signs."""

    KIND = Kind.CANCEL
    ACTION = "cancel"
    signature: bytes

    def signing(self) -> Signing:
        """Return the payer, with the nonce of its authorization."""
        return Signing((Signature(self.authorizer, self.signature),), int.from_bytes(self.nonce, "big"))

    def facts(self, case: Case) -> _Facts:
        """Return the payer's wallet."""
        try:
            return _Facts(wallets.get(case.books, self.authorizer), is_merchant=False)
        except NotFound:
            return _Facts(None, wallets.is_merchant(case.books, [self.authorizer]))

    def refusals(self, case: Case, facts: _Facts) -> Iterator[Rejected]:  # noqa: ARG002
        """Whoever is no holder, or has asked for its exit."""
        if facts.wallet is None:
            reason = Rejection.HOLDER_IS_MERCHANT if facts.is_merchant else Rejection.HOLDER_UNKNOWN
            yield Rejected(reason, field="authorizer")
        elif facts.wallet.exit_at_s is not None:
            yield Rejected(Rejection.ACCOUNT_EXITING, field="authorizer")

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Store nothing; the nonce is used up already."""
        return Entry(checksum_address(self.authorizer), {"nonce": self.nonce.hex()})
