"""Cancels an unused authorization: the payer signs, and its nonce is used up. Source: EIP-3009."""

from collections.abc import Iterator
from dataclasses import dataclass

from coin import messages
from coin.errors import NotFound, Rejected, Rejection
from coin.ledger.posting import Posted
from coin.messages import checksum_address
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.records.kinds import Kind
from coin.registry import quotas, wallets
from coin.registry.quotas import Deed
from coin.registry.wallets import Wallet
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class _Facts:
    """Who asks, and what its wallet may still do today."""

    wallet: Wallet | None
    is_merchant: bool = False
    has_held_value: bool = False
    used_today: int = 0


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
            wallet = wallets.get(case.books, self.authorizer)
        except NotFound:
            return _Facts(None, wallets.is_merchant(case.books, [self.authorizer]))
        used = quotas.used_today(case.books, quotas.of_wallet(self.authorizer), Deed.CANCEL)
        return _Facts(wallet, has_held_value=wallets.has_held_value(case.books, wallet), used_today=used)

    def refusals(self, case: Case, facts: _Facts) -> Iterator[Rejected]:
        """Whoever is no holder, has asked for its exit, or asks for what costs the town too often or in vain."""
        if facts.wallet is None:
            reason = Rejection.HOLDER_IS_MERCHANT if facts.is_merchant else Rejection.HOLDER_UNKNOWN
            yield Rejected(reason, field="authorizer")
        elif facts.wallet.exit_at_s is not None:
            yield Rejected(Rejection.ACCOUNT_EXITING, field="authorizer")
        elif not facts.has_held_value:
            yield Rejected(Rejection.HOLDER_WITHOUT_VALUE, field="authorizer")
        elif facts.used_today >= quotas.CANCELS_OF_WALLET:
            yield quotas.used_up(case.books)

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Count it; the nonce is used up already."""
        caller = quotas.of_wallet(self.authorizer)
        quotas.take(case.books, caller, Deed.CANCEL, quotas.CANCELS_OF_WALLET)
        return Entry(checksum_address(self.authorizer), {"nonce": self.nonce.hex()})
