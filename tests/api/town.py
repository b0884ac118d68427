"""A small real town for the gateway's tests: staff, a channel, dates, two shops with a till each, wallets with value."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount

from coin import messages
from coin.clock import StandingClock
from coin.database.database import Database
from coin.messages import MessageType
from coin.operations.calendar import OpenDate
from coin.operations.merchants import MerchantChange, MerchantFacts
from coin.operations.perform import perform
from coin.operations.roles import RoleChange, open_with_staff
from coin.operations.top_up import TopUp, quote
from coin.program import (
    Channel,
    ChannelKind,
    Charge,
    CheckoutRules,
    Exhaustion,
    ExpiryRule,
    Fund,
    HelpDesk,
    Limits,
    LotKind,
    Party,
    PartyKind,
    Payout,
    Period,
    Premium,
    Program,
    Send,
    SendPolicy,
)
from coin.program import Municipality as MunicipalityRules
from coin.registry import credentials, tills, wallets
from coin.registry import municipality as municipalities
from coin.registry.books import Books, open_books
from coin.registry.credentials import NewCredential
from coin.registry.municipality import Deployment, Municipality
from coin.registry.tills import Till
from coin.signatures import Signature

NOW_MS = 1_658_458_800_000  # 2022-07-22 12:00 JST
EXPIRY_S = 1_680_274_800  # 2023-04-01 00:00 JST
CODE = "074071"

PROGRAM = Program(
    municipality=MunicipalityRules(CODE, "磐梯町", "Bandai Town", "BANDAI", is_demo=True),
    issuer=Party("磐梯町", "Bandai Town", PartyKind.TOWN),
    operator=Party("磐梯町", "Bandai Town", PartyKind.TOWN),
    period=Period(2022, 1_648_738_800, EXPIRY_S, 100_000_000),
    expiry=(
        ExpiryRule(LotKind.COIN, EXPIRY_S, EXPIRY_S),
        ExpiryRule(LotKind.POINT, EXPIRY_S, EXPIRY_S),
    ),
    funds=(Fund("bonus", "特典", "Bonus", 10_000_000, Exhaustion.PARTIAL, 0),),
    premium=Premium(1000, "bonus"),
    charge=Charge(1_000, 1_000, 50_000, 100_000, 500_000),
    channels=(Channel("counter", "窓口", "Counter", ChannelKind.COUNTER, 10_000_000),),
    limits=Limits(100_000, 30_000),
    send=Send(SendPolicy.PERSON_TO_PERSON, 10_000, 30_000),
    excluded_goods=(),
    payout=Payout((10, 25), 5, 0, 0, ""),
    checkout=CheckoutRules(600),
    help_desk=HelpDesk("0242-00-0000", "平日", "weekdays"),
    source=b"a town for tests of the gateway",
)


def key(number: int) -> LocalAccount:
    """The key of that number, the same in every run."""
    account: LocalAccount = Account.from_key((0xBA0D_A100 + number).to_bytes(32, "big"))
    return account


def address_of(account: LocalAccount) -> bytes:
    """Its 20 bytes."""
    return bytes.fromhex(account.address[2:])


def sign(municipality: Municipality, account: LocalAccount, message: MessageType, /, **values: Any) -> bytes:
    """A signature by eth-account, which shares no code with ours."""
    said = {name.removesuffix("_"): value for name, value in values.items()}
    typed = message.typed_data(municipality.domain, [said[name] for _, name in message.fields])
    return bytes(account.sign_typed_data(full_message=typed).signature)


RECEIPT_KEY = key(1)
STAFF = (key(2), key(3))
CHANNEL = key(4)
SHOPS = {12: key(12), 13: key(13)}


@dataclass
class Town:
    """The town's books, its clock, and what its people hold."""

    database: Database
    clock: StandingClock
    municipality: Municipality
    tills: dict[int, Till] = field(default_factory=dict)
    credentials: dict[int, NewCredential] = field(default_factory=dict)
    staff_nonce: int = 0
    channel_nonce: int = 0

    def books(self) -> AbstractContextManager[Books]:
        """The books in a transaction of their own."""
        return open_books(self.database, self.municipality, self.clock)

    def copy_on(self, database: Database) -> "Town":
        """The same town on a copy of its database, with a clock of its own."""
        return replace(self, database=database, clock=StandingClock(NOW_MS))

    def next_staff_nonce(self) -> int:
        """The staff's next windowed nonce."""
        self.staff_nonce += 1
        return self.staff_nonce - 1

    def two_signatures(self, message: MessageType, **values: Any) -> tuple[Signature, ...]:
        """Both staff sign."""
        return tuple(
            Signature(address_of(one), sign(self.municipality, one, message, **values)) for one in STAFF
        )

    def give_role(self, account: bytes, role: int, allowance: int, channel: str | None = None) -> None:
        """Two staff give a role, or open the period."""
        fields = {
            "account": account,
            "role": role,
            "allowance": allowance,
            "nonce": self.next_staff_nonce(),
        }
        message = RoleChange(
            **fields, signatures=self.two_signatures(messages.Role.TYPE, **fields), channel=channel
        )
        with self.database.transaction() as connection:
            perform(Books(connection, self.municipality, self.clock), message, actor="test")

    def open_date(self, lane: int, expiry_s: int) -> None:
        """Two staff open an expiry date."""
        nonce = self.next_staff_nonce()
        signatures = self.two_signatures(messages.Calendar.TYPE, lane=lane, expiry=expiry_s, nonce=nonce)
        with self.database.transaction() as connection:
            perform(
                Books(connection, self.municipality, self.clock),
                OpenDate(lane, expiry_s, nonce, signatures),
                actor="test",
            )

    def set_shop(self, number: int, *, status: int = 1) -> None:
        """Two staff register, close or reopen a shop."""
        account, nonce = address_of(SHOPS[number]), self.next_staff_nonce()
        signatures = self.two_signatures(
            messages.Merchant.TYPE, account=account, number=number, status=status, nonce=nonce
        )
        facts = MerchantFacts(f"食堂{number}", f"SHOKUDO {number}", "BANDAI", "5812")
        change = MerchantChange(account, number, status, nonce, signatures, facts)
        with self.database.transaction() as connection:
            perform(Books(connection, self.municipality, self.clock), change, actor="test")

    def set_till(self, number: int) -> None:
        """A till with its credential."""
        with self.books() as books:
            till = tills.create(books, number, "1")
            made = credentials.create_for_till(books, till.id, "レジ1")
        self.tills[number], self.credentials[number] = till, made

    def register(self, *accounts: LocalAccount) -> None:
        """Register wallets."""
        with self.books() as books:
            addresses = [address_of(account) for account in accounts]
            wallets.register_many(books, addresses)

    def charge(self, account: LocalAccount, coins: int) -> None:
        """The counter takes cash."""
        with self.database.transaction() as connection:
            offer = quote(Books(connection, self.municipality, self.clock), self.clock.now_ms(), coins)
            nonce, self.channel_nonce = self.channel_nonce, self.channel_nonce + 1
            signed: dict[str, Any] = {
                "channel": address_of(CHANNEL),
                "holder": address_of(account),
                "coins": coins,
                "points": offer.points,
                "reference": nonce.to_bytes(32, "big"),
                "nonce": nonce,
            }
            expiries = {"coin": offer.coin_expiry_s, "point": offer.point_expiry_s}
            signature = sign(
                self.municipality,
                CHANNEL,
                messages.TopUp.TYPE,
                **signed,
                coinExpiry=expiries["coin"],
                pointExpiry=expiries["point"],
            )
            message = TopUp(
                **signed,
                coin_expiry_s=expiries["coin"],
                point_expiry_s=expiries["point"],
                signature=signature,
            )
            perform(Books(connection, self.municipality, self.clock), message, actor="test")


def found_town(database: Database) -> Town:
    """Open the books of a town and set it up by its own signed operations."""
    clock = StandingClock(NOW_MS)
    deployment = Deployment(
        31337,
        bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3"),
        bytes(19) + b"\5",
        address_of(RECEIPT_KEY),
        NOW_MS,
    )
    with database.transaction() as connection:
        municipality = municipalities.create(connection, PROGRAM, deployment, clock=clock)
        staff = [address_of(one) for one in STAFF]
        open_with_staff(Books(connection, municipality, clock), staff, actor="test")
    town = Town(database, clock, municipality)
    town.give_role(address_of(CHANNEL), 2, 10_000_000, "counter")
    town.give_role(bytes(20), 5, 100_000_000)
    town.open_date(0, EXPIRY_S)
    for number in SHOPS:
        town.set_shop(number)
        town.set_till(number)
    return town
