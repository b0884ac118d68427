"""A town whose books are real: a real database, real signatures, and every use case by the code that serves it.

Each kind of record has one method `…_message`, which builds the record as it would be signed now and signs it, so that a
test can change it or hand it in twice. Where many tests need it done, a method without that word also hands it in.
"""

import itertools
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from coin import messages
from coin.clock import StandingClock
from coin.core import keccak256
from coin.database.database import Database
from coin.messages import Message, nonce_word
from coin.operations import roles
from coin.operations.calendar import OpenDate
from coin.operations.cancel import Cancel
from coin.operations.merchants import MerchantChange, MerchantFacts
from coin.operations.operation import Operation
from coin.operations.perform import Performed, perform
from coin.operations.redeem import Redeem
from coin.operations.roles import RoleChange
from coin.operations.top_up import TopUp, quote
from coin.payments import Authorization, Outcome, ReceiptSigner, Refused, Submission, accept
from coin.program import Program
from coin.registry import credentials, municipality, tills, wallets
from coin.registry.books import Books, open_books
from coin.registry.credentials import NewCredential
from coin.registry.municipality import Deployment, Municipality
from coin.registry.signers import SignerRole
from coin.registry.tills import Till
from coin.signatures import Signature
from tests.worlds.people import Signer, Who, address_of, key_of
from tests.worlds.reading import Readable
from tests.worlds.rules import COUNTER, HALF_YEAR_S, NEXT_YEAR_END_S, START_MS, YEAR_END_S, program
from tests.worlds.signing import sign, signatures

STAFF = ("ken", "yumi")
CASHIER = "cashier"
CONTRACT = bytes.fromhex(
    "5fbdb2315678afecb367f032d93f642f64180aa3"
)  # the first that a new chain gets from its first account


@dataclass
class Town(Readable):
    """The books of one municipality, with everything that its people do."""

    clock: StandingClock
    channel: str = COUNTER  # whose key signs charges
    receipts: ReceiptSigner = field(default_factory=lambda: ReceiptSigner(key_of("receipts")))
    references: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    nonces: dict[bytes, "itertools.count[int]"] = field(default_factory=dict)

    def books(self) -> AbstractContextManager[Books]:
        """Return the books in a transaction of their own."""
        return open_books(self.database, self.municipality, self.clock)

    def perform(self, operation: Operation[Any], *, actor: str = STAFF[0]) -> Performed:
        """Hand a record in at the one way in."""
        with self.books() as books:
            return perform(books, operation, actor=actor)

    def open(self, *dates: int) -> None:
        """Give the town what it needs to begin: a channel, a cashier, a period, and these dates."""
        self.role(self.channel, SignerRole.CHANNEL, 90_000_000, self.channel)
        self.role(CASHIER, SignerRole.CASHIER, 0)
        self.role(None, roles.PERIOD_OPENS, 100_000_000)
        for lane, expiry_s in enumerate(dates):
            self.date(lane, expiry_s)

    # ---------------------------------------------------------------- signing

    def sign(self, message: Message, who: Signer) -> bytes:
        """Return what somebody signs."""
        return sign(self.municipality.domain, message, who)

    def two(self, message: Message, names: Sequence[str] = STAFF) -> tuple[Signature, ...]:
        """Return what two of the staff sign together, in the form of the office."""
        return signatures(self.municipality.domain, message, names)

    # ---------------------------------------------------------------- payments

    def authorization(
        self,
        payer: Signer,
        payee: Who,
        value: int,
        nonce: int | None = None,
        *,
        valid_after_s: int = 0,
        valid_before_s: int | None = None,
        key: Signer | None = None,
    ) -> Authorization:
        """Sign an authorization: with the payer's next number and for 12 h, unless said otherwise."""
        if nonce is None:
            nonce = next(self.nonces.setdefault(address_of(payer), itertools.count()))
        if valid_before_s is None:
            valid_before_s = self.clock.now_ms() // 1000 + 12 * 3600
        said = messages.TransferWithAuthorization(
            payer=address_of(payer),
            payee=address_of(payee),
            value=value,
            valid_after_s=valid_after_s,
            valid_before_s=valid_before_s,
            nonce=nonce_word(nonce),
        )
        return Authorization(*said.values, signature=self.sign(said, key or payer))

    def pay(
        self, payer: Signer, payee: Who, value: int, nonce: int | None = None, checkout: str | None = None
    ) -> Outcome:
        """Sign and submit one authorization."""
        return self.accept(Submission(self.authorization(payer, payee, value, nonce), checkout))[0]

    def accept(self, *submissions: Submission) -> list[Outcome]:
        """Submit a list."""
        return accept(self.database, self.municipality, self.clock, self.receipts, submissions)

    def cancel_message(self, payer: Signer, nonce: int, *, key: Signer | None = None) -> Cancel:
        """Return a signed cancel."""
        said = messages.CancelAuthorization(authorizer=address_of(payer), nonce=nonce_word(nonce))
        return Cancel(*said.values, signature=self.sign(said, key or payer))

    def checkout(
        self, amount: int, number: int = 1, *, name: str | None = None, deadline_ms: int | None = None
    ) -> str:
        """Open a checkout that a wallet read from a sticker; the gateway's own code is tested elsewhere."""
        name = name or f"{next(self.references):026d}"
        now_ms = self.clock.now_ms()
        self.rows(
            """INSERT INTO checkout (municipality, id, merchant_number, wallet, amount, opened_at_ms, deadline_ms)
               VALUES (%s, %s, %s, %s, %s, %s, %s)""",
            *[self.code, name, number, address_of("reader"), amount, now_ms, deadline_ms or now_ms + 600_000],
        )
        return name

    # ---------------------------------------------------------------- holders and their money

    def register(self, *people: Who) -> None:
        """Register wallets."""
        with self.books() as books:
            wallets.register_many(books, [address_of(who) for who in people])

    def charge_message(
        self, holder: Who, coins: int, points: int | None = None, *, key: Signer | None = None, **changes: Any
    ) -> TopUp:
        """Return a charge with the bonus of now, signed by the channel; any field can be replaced before it is signed."""
        with self.books() as books:
            offer = quote(books, self.clock.now_ms(), coins)
        points = offer.points if points is None else points
        said = messages.TopUp(
            channel=address_of(self.channel),
            holder=address_of(holder),
            coins=coins,
            coin_expiry_s=offer.coin_expiry_s,
            points=points,
            point_expiry_s=offer.point_expiry_s if points == offer.points else HALF_YEAR_S,
            reference=keccak256(f"reference {next(self.references)}".encode()),
            nonce=self.next_nonce(self.channel),
        )
        return self.top_up_message(replace(said, **changes), key=key or self.channel)

    def top_up_message(self, said: messages.TopUp, *, key: Signer) -> TopUp:
        """Just that charge, signed by that key."""
        return TopUp(*said.values, signature=self.sign(said, key))

    def charge(self, holder: Who, coins: int, points: int | None = None, **changes: Any) -> Performed:
        """Charge a wallet at the counter."""
        return self.perform(self.charge_message(holder, coins, points, **changes), actor="clerk")

    # ---------------------------------------------------------------- shops

    def shop_message(
        self,
        account: Who,
        number: int,
        status: int = messages.MerchantStatus.OPEN,
        *,
        nonce: int | None = None,
        names: Sequence[str] = STAFF,
    ) -> MerchantChange:
        """Register, close or reopen a shop, or give its number a new key; two staff sign."""
        first, nonce = address_of(names[0]), self._nonce(nonce, names[0])
        facts = MerchantFacts(f"商店{number}", f"SHOP {number}", "BANDAI", "5411")
        said = messages.Merchant(address_of(account), number, status, facts.facts_hash, first, nonce)
        return MerchantChange(*said.values, signatures=self.two(said, names), shop=facts)

    def shop(
        self,
        account: Who,
        number: int,
        status: int = messages.MerchantStatus.OPEN,
        *,
        nonce: int | None = None,
    ) -> Performed:
        """Return the same, at once."""
        return self.perform(self.shop_message(account, number, status, nonce=nonce))

    def till(self, number: int, label: str = "レジ 1") -> tuple[Till, NewCredential]:
        """Return a till in a shop, with its credential."""
        with self.books() as books:
            till = tills.create(books, number, label)
            return till, credentials.create_for_till(books, till.id)

    def redeem_message(
        self,
        shop: Who,
        amount: int,
        nonce: int | None = None,
        *,
        payout: bytes = bytes(32),
        key: Signer = CASHIER,
    ) -> Redeem:
        """Burn what is paid out to a shop; the cashier signs."""
        said = messages.Redeem(address_of(key), address_of(shop), amount, payout, self._nonce(nonce, key))
        return Redeem(*said.values, signature=self.sign(said, key))

    # ---------------------------------------------------------------- the town itself

    def role_message(
        self,
        account: Who | None,
        role: int,
        allowance: int,
        channel: str | None = None,
        *,
        nonce: int | None = None,
        names: Sequence[str] = STAFF,
    ) -> RoleChange:
        """Return or take a role, or open a period (account None); two staff sign."""
        address = roles.NO_ACCOUNT if account is None else address_of(account)
        first, nonce = address_of(names[0]), self._nonce(nonce, names[0])
        said = messages.Role(address, role, allowance, first, nonce)
        return RoleChange(*said.values, signatures=self.two(said, names), channel=channel)

    def role(self, account: Who | None, role: int, allowance: int, channel: str | None = None) -> Performed:
        """Return the same, at once."""
        return self.perform(self.role_message(account, role, allowance, channel))

    def date_message(
        self, lane: int, expiry_s: int, *, nonce: int | None = None, names: Sequence[str] = STAFF
    ) -> OpenDate:
        """Open a date in a lane; two staff sign."""
        first, nonce = address_of(names[0]), self._nonce(nonce, names[0])
        said = messages.Calendar(lane, expiry_s, first, nonce)
        return OpenDate(*said.values, signatures=self.two(said, names))

    def date(self, lane: int, expiry_s: int) -> Performed:
        """Return the same, at once."""
        return self.perform(self.date_message(lane, expiry_s))

    def _nonce(self, nonce: int | None, signer: Signer) -> int:
        return self.next_nonce(signer) if nonce is None else nonce


def new_books(
    database: Database,
    clock: StandingClock,
    rules: Program,
    *,
    contract: bytes = CONTRACT,
    staff: Sequence[str] = STAFF,
) -> Municipality:
    """Return the books of a municipality with its staff and nothing else, as they are after the contract was deployed."""
    keys = [address_of(name) for name in ("settler", "receipts")]
    deployment = Deployment(31337, contract, *keys, clock.now_ms())
    with database.transaction() as connection:
        made = municipality.create(connection, rules, deployment, clock=clock)
        books = Books(connection, made, clock)
        roles.open_with_staff(books, [address_of(name) for name in staff], actor="deployer")
    return made


def open_town(database: Database, rules: Program | None = None) -> Town:
    """Return a town with its staff, a channel, a cashier, three dates, one shop (number 1, bakery) and nobody else."""
    clock = StandingClock(START_MS)
    town = Town(database, new_books(database, clock, rules or program()), clock)
    town.open(HALF_YEAR_S, YEAR_END_S, NEXT_YEAR_END_S)
    town.shop("bakery", 1)
    return town


def code_of(outcome: Outcome) -> str:
    """'accepted', or the code of the refusal."""
    return outcome.code if isinstance(outcome, Refused) else "accepted"
