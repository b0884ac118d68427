"""What the settling process holds: the node, the contract, its key, its clock, and how careful it is."""

from dataclasses import dataclass, field

from coin import core
from coin.chain.contract import BandaiCoin
from coin.chain.rpc import Rpc
from coin.clock import Clock
from coin.database.database import Database
from coin.errors import Unavailable
from coin.formats import SETTLE_WINDOW_S
from coin.ledger.batches import Batch
from coin.messages import Domain
from coin.registry.municipality import Municipality

# Above every batch that `run` lets through, and below the cap of a transaction (EIP-7825).
GAS_LIMIT = 16_777_216


@dataclass(frozen=True)
class Policy:
    """When a block is final, when a transaction is stuck, and whether the chain's time is ours to set.

    Units:   confirmations: blocks that must follow, None asks the node for its `finalized` block.
    """

    confirmations: int | None = None
    stuck_after_ms: int = 120_000
    sets_block_time: bool = False

    @classmethod
    def of(cls, municipality: Municipality) -> "Policy":
        """Return the usual policy: a demo's chain is a local one that has no finality and whose time is the demo's."""
        return cls(confirmations=0, sets_block_time=True) if municipality.is_demo else cls()


@dataclass(frozen=True)
class Settler:
    """One municipality's settlement, ready to run."""

    database: Database
    municipality: Municipality
    clock: Clock
    rpc: Rpc
    contract: BandaiCoin
    key: bytes = field(repr=False)
    policy: Policy

    @classmethod
    def of(
        cls,
        database: Database,
        municipality: Municipality,
        clock: Clock,
        rpc: Rpc,
        key: bytes,
        policy: Policy,
    ) -> "Settler":
        """Put together what one municipality needs."""
        contract = BandaiCoin(rpc, municipality.domain.verifying_contract)
        return cls(database, municipality, clock, rpc, contract, key, policy)

    @property
    def municipality_code(self) -> str:
        """The code of the municipality, which is part of every key."""
        return self.municipality.code

    @property
    def domain(self) -> Domain:
        """What signatures of this municipality are for."""
        return self.municipality.domain

    @property
    def address(self) -> bytes:
        """The account that sends batches."""
        return core.addresses(self.key)


def is_late(batch: Batch, now_s: int) -> bool:
    """Return whether the contract takes this batch only with the approval of two staff."""
    return now_s > batch.as_of_s + SETTLE_WINDOW_S


def stopped(ja: str, en: str) -> Unavailable:
    """Settlement cannot go on by itself; nothing is lost and people must look."""
    return Unavailable(ja, en, code="settlement_stopped")
