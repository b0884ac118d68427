"""A town on a real chain and a real database, by its example's own rules; and what its people do."""

import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

from coin import core, messages
from coin.chain.rpc import Rpc
from coin.clock import StandingClock, jst_midnight_s, parse_jst_date
from coin.database.database import Database
from coin.messages import nonce_word
from coin.operations.merchants import MerchantChange, MerchantFacts
from coin.operations.perform import Performed, perform_all
from coin.payments import Accepted, Authorization, Outcome, ReceiptSigner, Submission, accept
from coin.program import Program, load_program
from coin.registry import wallets
from coin.registry.books import Books, open_books
from coin.registry.municipality import Municipality
from coin.registry.signers import free_nonces
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import Ticked, drain
from coin.signatory import Signatory, StaffPair
from tests.patience import HANG_S
from town_cli.desk.charges import Charge, charge_many
from town_cli.server.foundation import Offices, open_town

EXAMPLE = Path(__file__).parents[1] / "examples" / "bandai-2022" / "program.toml"
START_MS = jst_midnight_s(parse_jst_date("2022-07-22")) * 1000 + 10 * 3600 * 1000


def signatory(name: str) -> Signatory:
    """The key of somebody in the tests."""
    return Signatory(core.keccak256(f"settlement test key of {name}".encode()))


@dataclass
class SettledTown:
    """The books of one town, its chain, and the settler between them."""

    database: Database
    municipality: Municipality
    clock: StandingClock
    settler: Settler
    receipts: ReceiptSigner
    nonces: dict[str, "itertools.count[int]"] = field(default_factory=dict)

    def books(self) -> AbstractContextManager[Books]:
        """The books in a transaction of their own."""
        return open_books(self.database, self.municipality, self.clock)

    @property
    def code(self) -> str:
        return self.municipality.code

    def shops(self, *names: str) -> None:
        """Register shops, numbered from 1; a number that is held goes to its new name."""
        pair = staff()
        with self.database.transaction() as conn:
            nonces = free_nonces(conn, self.code, pair.first.address)
            messages = [self._shop(pair, name, number, next(nonces)) for number, name in enumerate(names, 1)]
            perform_all(Books(conn, self.municipality, self.clock), messages, actor="test")

    def _shop(self, pair: StaffPair, name: str, number: int, nonce: int) -> MerchantChange:
        account = signatory(name).address
        message = messages.Merchant(account=account, number=number, status=1, nonce=nonce)
        signatures = pair.sign(self.municipality.domain, message)
        return MerchantChange(
            account, number, 1, nonce, signatures, MerchantFacts(name, name, "BANDAI", "5411")
        )

    def charge(self, coins: int, *names: str) -> None:
        """Register wallets that are new, and charge each."""
        channel = self.municipality.program.channels[0]
        with self.books() as books:
            addresses = [signatory(name).address for name in names]
            wallets.register_many(books, addresses)
            requests = [Charge(address, coins) for address in addresses]
            done = charge_many(books, signatory(channel.id), requests, actor="test")
        assert all(isinstance(item, Performed) for item in done), done

    def authorization(
        self,
        payer: str,
        payee: str,
        amount: int,
        *,
        valid_before_s: int | None = None,
        nonce: int | None = None,
    ) -> Authorization:
        """A signed authorization with the payer's next windowed nonce."""
        number = next(self.nonces.setdefault(payer, itertools.count())) if nonce is None else nonce
        ends_s = valid_before_s or self.clock.now_ms() // 1000 + 12 * 3600
        draft = Authorization(
            payer=signatory(payer).address,
            payee=signatory(payee).address,
            value=amount,
            valid_after_s=0,
            valid_before_s=ends_s,
            nonce=nonce_word(number),
            signature=b"",
        )
        made = signatory(payer).sign(self.municipality.domain, draft)
        return replace(draft, signature=made.signature)

    def pay(self, payer: str, payee: str, amount: int, **terms: int) -> Accepted:
        """Pay; the gateway must accept."""
        (outcome,) = self.submit([self.authorization(payer, payee, amount, **terms)])
        assert isinstance(outcome, Accepted), outcome
        return outcome

    def submit(self, authorizations: Sequence[Authorization]) -> list[Outcome]:
        """Hand authorizations to the one way in."""
        submissions = [Submission(item) for item in authorizations]
        return accept(self.database, self.municipality, self.clock, self.receipts, submissions)

    def settle(self) -> Ticked:
        """Seal what waits and go on until all of it is confirmed."""
        return drain(self.settler, timeout_s=HANG_S)

    def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        """Run a query."""
        with self.database.transaction() as conn:
            return conn.execute(query.encode(), values).fetchall()

    def states(self) -> list[str]:
        """The state of each batch, in order."""
        return [str(row["state"]) for row in self.rows("SELECT state FROM batch ORDER BY number")]


def staff() -> StaffPair:
    """The two who sign."""
    return StaffPair(signatory("ken"), signatory("yumi"))


def offices(program: Program) -> Offices:
    """Who holds which office."""
    return Offices(
        deployer=signatory("deployer").secret,
        staff=staff(),
        admin=signatory("admin").address,
        pauser=signatory("pauser").address,
        settler=signatory("settler").address,
        receipts=signatory("receipts").address,
        cashier=signatory("cashier").address,
        grants=signatory("grants").address,
        channels={channel.id: signatory(channel.id).address for channel in program.channels},
    )


def found(database: Database, rpc: Rpc, policy: Policy | None = None) -> SettledTown:
    """Deploy and open a town, nothing settled yet."""
    clock, program = StandingClock(START_MS), load_program(EXAMPLE)
    municipality = open_town(database, rpc, clock, program, offices(program))
    settler = Settler.of(
        database, municipality, clock, rpc, signatory("settler").secret, policy or Policy.of(municipality)
    )
    return SettledTown(database, municipality, clock, settler, ReceiptSigner(signatory("receipts").secret))
