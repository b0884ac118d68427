"""The state of the settling process: the node, the contract, its key, its clock, and its policy."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from coin import core
from coin.chain.contract import BandaiCoin
from coin.chain.rpc import Rpc
from coin.clock import Clock
from coin.database.database import Database
from coin.errors import InvalidInput, Unavailable
from coin.formats import SETTLE_WINDOW_S
from coin.ledger.batches import Batch
from coin.messages import Domain
from coin.registry.municipality import Municipality

# Above the gas of every batch that `run` makes, and not above the limit of a transaction (EIP-7825).
GAS_LIMIT = 16_777_216
CONFIRMATIONS = "BANDAI_CONFIRMATIONS"


@dataclass(frozen=True)
class Policy:
    """When a block is final, when a transaction is stuck, and whether we set the chain's time.

    Units:   confirmations: blocks that must follow, None asks the node for its `finalized` block.
    """

    confirmations: int | None = None
    stuck_after_ms: int = 120_000
    sets_block_time: bool = False

    @classmethod
    def of(cls, municipality: Municipality) -> "Policy":
        """Return the default policy: the chain of a demo is a local one without finality, and its time is the demo's."""
        return cls(confirmations=0, sets_block_time=True) if municipality.is_demo else cls()

    @classmethod
    def here(cls, municipality: Municipality, environment: Mapping[str, str] = os.environ) -> "Policy":
        """Return the default policy with the finality that this machine's BANDAI_CONFIRMATIONS names: a number of blocks, or
        `finalized`.

        Raises:  InvalidInput (`setting_invalid`).
        """
        return cls.of(municipality).confirmed_after(environment.get(CONFIRMATIONS))

    def confirmed_after(self, text: str | None) -> "Policy":
        """Return the policy with that finality; None or empty: as it is. Raises: InvalidInput (`setting_invalid`)."""
        if not text:
            return self
        if text == "finalized":
            return replace(self, confirmations=None)
        if not (text.isascii() and text.isdecimal()):
            raise InvalidInput(
                f"環境変数 {CONFIRMATIONS} は、ブロックの数か finalized です。",
                f"{CONFIRMATIONS} is a number of blocks, or finalized.",
                field=CONFIRMATIONS,
                code="setting_invalid",
            )
        return replace(self, confirmations=int(text))


@dataclass(frozen=True)
class Settler:
    """The settlement of one municipality."""

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
        """Build the settlement of one municipality."""
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
    """Return whether the contract accepts this batch only with the approval of two staff."""
    return now_s > batch.as_of_s + SETTLE_WINDOW_S


def stopped(ja: str, en: str, *, code: str = "settlement_stopped") -> Unavailable:
    """Return the error for settlement that cannot go on by itself: nothing is lost, and people must act."""
    return Unavailable(ja, en, code=code)
