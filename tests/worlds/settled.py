"""A town on a real chain and in a real database, by its example's own rules, with the settler between them."""

from dataclasses import dataclass, field
from pathlib import Path

from coin.chain.rpc import Rpc
from coin.clock import StandingClock
from coin.database.database import Database
from coin.payments import Accepted
from coin.program import Program, load_program
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import Ticked, drain
from coin.signatory import Signatory, StaffPair
from tests.patience import HANG_S
from tests.worlds.books import CASHIER, STAFF, Town
from tests.worlds.people import Signer, Who, address_of, key_of
from tests.worlds.rules import START_MS
from town_cli.server.foundation import Offices, open_town

EXAMPLE = Path(__file__).parents[2] / "examples" / "bandai-2022" / "program.toml"


@dataclass
class SettledTown(Town):
    """The books of one town, its chain, and the settler between them."""

    settler: Settler = field(kw_only=True)

    def shops(self, *names: str) -> None:
        """Register shops, numbered from 1; a number that is held goes to its new name."""
        for number, name in enumerate(names, 1):
            self.shop(name, number)

    def enrol(self, coins: int, *names: str) -> None:
        """Register wallets that are new, and charge each."""
        self.register(*names)
        for name in names:
            self.charge(name, coins)

    def pay(
        self, payer: Signer, payee: Who, value: int, nonce: int | None = None, checkout: str | None = None
    ) -> Accepted:
        """Pay; the gateway must accept."""
        outcome = super().pay(payer, payee, value, nonce, checkout)
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def settle(self) -> Ticked:
        """Seal what waits and go on until all of it is confirmed."""
        return drain(self.settler, timeout_s=HANG_S)

    def states(self) -> list[str]:
        """The state of each batch, in order."""
        return [str(row["state"]) for row in self.rows("SELECT state FROM batch ORDER BY number")]


def signatory(name: str) -> Signatory:
    """Somebody's key, as the office holds it."""
    return Signatory(key_of(name))


def staff() -> StaffPair:
    """The two who sign."""
    return StaffPair(*map(signatory, STAFF))


def offices(program: Program) -> Offices:
    """Who holds which office; a channel's key has the name of the channel."""
    return Offices(
        deployer=key_of("deployer"),
        staff=staff(),
        pauser=address_of("pauser"),
        settler=address_of("settler"),
        receipts=address_of("receipts"),
        cashier=address_of(CASHIER),
        grants=address_of("grants"),
        channels={channel.id: address_of(channel.id) for channel in program.channels},
    )


def found(database: Database, rpc: Rpc, policy: Policy | None = None) -> SettledTown:
    """Deploy and open a town, nothing settled yet."""
    clock, program = StandingClock(START_MS), load_program(EXAMPLE)
    municipality = open_town(database, rpc, clock, program, offices(program))
    settler = Settler.of(
        database, municipality, clock, rpc, key_of("settler"), policy or Policy.of(municipality)
    )
    return SettledTown(database, municipality, clock, program.channels[0].id, settler=settler)
