"""A small town for the tests of the books: real keys, real signatures, a real database."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from coin import core, messages
from coin.clock import StandingClock, jst_midnight_s, parse_jst_date
from coin.database.database import Conn, Database
from coin.messages import Domain, MessageType, nonce_word
from coin.operations import roles, top_up
from coin.operations.calendar import OpenDate
from coin.operations.cancel import Cancel
from coin.operations.merchants import MerchantChange, MerchantFacts
from coin.operations.perform import Performed, perform
from coin.operations.redeem import Redeem
from coin.operations.roles import RoleChange
from coin.operations.top_up import TopUp
from coin.payments import Accepted, Authorization, Outcome, ReceiptSigner, Refused, Submission, accept
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
from coin.program import (
    Municipality as ProgramMunicipality,
)
from coin.registry import municipality as municipalities
from coin.registry import wallets
from coin.registry.books import Books, open_books
from coin.registry.municipality import Deployment, Municipality
from coin.signatures import Signature

START_MS = jst_midnight_s(parse_jst_date("2022-07-22")) * 1000 + 10 * 3600 * 1000
HALF_YEAR_S = jst_midnight_s(parse_jst_date("2022-10-01"))
YEAR_END_S = jst_midnight_s(parse_jst_date("2023-04-01"))
NEXT_YEAR_END_S = jst_midnight_s(parse_jst_date("2024-04-01"))
CASH_COUNTER = "counter"
ATM = "atm"
SPARE_FUND, FUND = "older", "town"


def key_of(name: str) -> bytes:
    """A secret key of somebody in the tests."""
    return core.keccak256(f"test key of {name}".encode())


def address_of(name: str) -> bytes:
    """The address that belongs to `key_of`."""
    return core.addresses(key_of(name))


def program(**changes: object) -> Program:
    """Rules with room for tests; any field can be replaced."""
    rules = Program(
        municipality=ProgramMunicipality("074071", "磐梯町", "Bandai", "Bandai", is_demo=True),
        issuer=Party("磐梯町", "Bandai", PartyKind.TOWN),
        operator=Party("磐梯町", "Bandai", PartyKind.TOWN),
        period=Period(2022, jst_midnight_s(parse_jst_date("2022-07-22")), YEAR_END_S, 100_000_000),
        expiry=(
            ExpiryRule(LotKind.COIN, YEAR_END_S, YEAR_END_S),
            ExpiryRule(LotKind.COIN, NEXT_YEAR_END_S, NEXT_YEAR_END_S),
            ExpiryRule(LotKind.POINT, HALF_YEAR_S, HALF_YEAR_S),
            ExpiryRule(LotKind.POINT, YEAR_END_S, YEAR_END_S),
            ExpiryRule(LotKind.POINT, NEXT_YEAR_END_S, NEXT_YEAR_END_S),
        ),
        funds=(
            Fund(SPARE_FUND, "旧", "old", 1_000_000, Exhaustion.PARTIAL, 0),
            Fund(FUND, "町", "town", 1_000_000, Exhaustion.PARTIAL, 1),
        ),
        premium=Premium(1000, FUND),
        charge=Charge(1000, 1000, 50_000, 100_000, 1_000_000),
        channels=(
            Channel(CASH_COUNTER, "窓口", "counter", ChannelKind.COUNTER, 10_000_000),
            Channel(ATM, "ATM", "ATM", ChannelKind.ATM, 10_000_000),
        ),
        limits=Limits(200_000, 100_000),
        send=Send(SendPolicy.PERSON_TO_PERSON, 30_000, 50_000),
        excluded_goods=(),
        payout=Payout((10, 25), 5, 0, 0, ""),
        checkout=CheckoutRules(600),
        help_desk=HelpDesk("0242-74-1211", "", ""),
        source=b"rules of the tests",
    )
    return replace(rules, **changes)  # type: ignore[arg-type]


@dataclass
class Town:
    """The books of one municipality with everything a test needs to act on them."""

    database: Database
    municipality: Municipality
    clock: StandingClock
    signer: ReceiptSigner
    references: int = 0

    def books(self) -> AbstractContextManager[Books]:
        """The books in a transaction of their own."""
        return open_books(self.database, self.municipality, self.clock)

    # ---------------------------------------------------------------- payments

    def authorization(
        self,
        payer: str,
        payee: str | bytes,
        value: int,
        nonce: int,
        *,
        valid_after_s: int = 0,
        valid_before_s: int | None = None,
        key: str | None = None,
    ) -> Authorization:
        """Sign an authorization; `valid_before_s` is 12 h from now unless said otherwise."""
        if valid_before_s is None:
            valid_before_s = self.clock.now_ms() // 1000 + 12 * 3600
        draft = Authorization(
            payer=address_of(payer),
            payee=payee if isinstance(payee, bytes) else address_of(payee),
            value=value,
            valid_after_s=valid_after_s,
            valid_before_s=valid_before_s,
            nonce=nonce_word(nonce),
            signature=b"",
        )
        made = self.sign(messages.TransferWithAuthorization.TYPE, draft.words, key or payer)
        return replace(draft, signature=made)

    def pay(
        self, payer: str, payee: str | bytes, value: int, nonce: int, checkout: str | None = None
    ) -> Outcome:
        """Sign and submit one authorization."""
        return self.accept(Submission(self.authorization(payer, payee, value, nonce), checkout))[0]

    def accept(self, *submissions: Submission) -> list[Outcome]:
        """Submit a list."""
        return accept(self.database, self.municipality, self.clock, self.signer, submissions)

    def sign(self, message: MessageType, words: bytes, name: str) -> bytes:
        """Sign words as somebody."""
        return core.sign(key_of(name), message.digest(self.municipality.domain, words))

    def checkout(
        self, amount: int, number: int = 1, *, name: str | None = None, deadline_ms: int | None = None
    ) -> str:
        """Open a checkout that a wallet read from a sticker; the gateway's own code is tested elsewhere."""
        self.references += 1
        name = name or f"{self.references:026d}"
        with self.database.transaction() as connection:
            connection.execute(
                """INSERT INTO checkout (municipality, id, merchant_number, wallet, amount, opened_at_ms, deadline_ms)
                   VALUES (%s, %s, %s, %s, %s, %s, %s)""",
                [
                    self.municipality.code,
                    name,
                    number,
                    address_of("reader"),
                    amount,
                    self.clock.now_ms(),
                    deadline_ms or self.clock.now_ms() + 600_000,
                ],
            )
        return name

    # ---------------------------------------------------------------- office

    def charge_message(self, holder: str, coins: int, points: int | None = None, **changes: object) -> TopUp:
        """A TopUp of the counter with the quote's bonus, signed; any field can be replaced before signing."""
        self.references += 1
        with self.database.transaction() as connection:
            quote = top_up.quote(Books(connection, self.municipality, self.clock), self.clock.now_ms(), coins)
            nonce = self.next_nonce(connection, "counter")
        points = quote.points if points is None else points
        key = str(changes.pop("key", "counter"))
        draft = TopUp(
            channel=address_of("counter"),
            holder=address_of(holder),
            coins=coins,
            coin_expiry_s=quote.coin_expiry_s,
            points=points,
            point_expiry_s=quote.point_expiry_s if points == quote.points else HALF_YEAR_S,
            reference=core.keccak256(f"reference {self.references}".encode()),
            nonce=nonce,
            signature=b"",
        )
        draft = replace(draft, **changes)  # type: ignore[arg-type]
        return replace(draft, signature=self.sign(messages.TopUp.TYPE, draft.words, key))

    def charge(self, holder: str, coins: int, points: int | None = None, **changes: object) -> Performed:
        """Charge a wallet at the counter."""
        message = self.charge_message(holder, coins, points, **changes)
        with self.database.transaction() as connection:
            return perform(Books(connection, self.municipality, self.clock), message, actor="clerk")

    def next_nonce(self, connection: Conn, signer: str) -> int:
        """The signer's lowest free nonce."""
        row = connection.execute(
            "SELECT nonce_base, nonce_map FROM signer WHERE municipality = %s AND address = %s",
            [self.municipality.code, address_of(signer)],
        ).fetchone()
        return int(row["nonce_base"] + row["nonce_map"].index("0")) if row else 0

    def two(
        self, message: MessageType, words: bytes, names: Sequence[str] = ("ken", "yumi")
    ) -> tuple[Signature, ...]:
        """The signatures of two people over the same words."""
        return tuple(Signature(address_of(name), self.sign(message, words, name)) for name in names)

    def register(self, *names: str) -> None:
        """Register wallets."""
        with self.books() as books:
            wallets.register_many(books, [address_of(name) for name in names])

    def shop(self, name: str, number: int, status: int = 1, *, nonce: int | None = None) -> None:
        """Register, close or reopen a shop, or give its number a new key."""
        message = self.shop_message(name, number, status, nonce=nonce)
        with self.database.transaction() as connection:
            perform(Books(connection, self.municipality, self.clock), message, actor="ken")

    def shop_message(
        self,
        name: str,
        number: int,
        status: int = 1,
        *,
        nonce: int | None = None,
        names: Sequence[str] = ("ken", "yumi"),
    ) -> MerchantChange:
        """The message of `shop`."""
        if nonce is None:
            with self.database.transaction() as connection:
                nonce = self.next_nonce(connection, "ken")
        account = address_of(name)
        words = messages.Merchant(account=account, number=number, status=status, nonce=nonce).words
        facts = MerchantFacts(f"商店{number}", f"Shop {number}", "Bandai", "5411")
        return MerchantChange(
            account, number, status, nonce, self.two(messages.Merchant.TYPE, words, names), facts
        )

    def role(self, name: str | None, role: int, allowance: int, channel: str | None = None) -> None:
        """Give a role, or open a period (name None)."""
        with self.database.transaction() as connection:
            message = self.role_message(connection, name, role, allowance, channel)
            perform(Books(connection, self.municipality, self.clock), message, actor="ken")

    def role_message(
        self, connection: Conn, name: str | None, role: int, allowance: int, channel: str | None = None
    ) -> RoleChange:
        """The message of `role`."""
        account = address_of(name) if name else roles.NO_ACCOUNT
        nonce = self.next_nonce(connection, "ken")
        words = messages.Role(account=account, role=role, allowance=allowance, nonce=nonce).words
        return RoleChange(account, role, allowance, nonce, self.two(messages.Role.TYPE, words), channel)

    def date_message(
        self, lane: int, expiry_s: int, *, names: Sequence[str] = ("ken", "yumi"), nonce: int | None = None
    ) -> OpenDate:
        """The message of `date`."""
        if nonce is None:
            with self.database.transaction() as connection:
                nonce = self.next_nonce(connection, names[0])
        words = messages.Calendar(lane=lane, expiry_s=expiry_s, nonce=nonce).words
        return OpenDate(lane, expiry_s, nonce, self.two(messages.Calendar.TYPE, words, names))

    def date(self, lane: int, expiry_s: int) -> None:
        """Open a date."""
        message = self.date_message(lane, expiry_s)
        with self.database.transaction() as connection:
            perform(Books(connection, self.municipality, self.clock), message, actor="ken")

    def cancel_message(self, name: str, nonce: int, *, key: str | None = None) -> Cancel:
        """A signed cancel."""
        words = messages.CancelAuthorization(authorizer=address_of(name), nonce=nonce_word(nonce)).words
        made = self.sign(messages.CancelAuthorization.TYPE, words, key or name)
        return Cancel(address_of(name), nonce_word(nonce), made)

    def redeem_message(
        self, shop: str, amount: int, nonce: int = 0, *, signer: str = "cashier", payout: bytes = bytes(32)
    ) -> Redeem:
        """A signed redeem."""
        words = messages.Redeem(merchant=address_of(shop), amount=amount, payout=payout, nonce=nonce).words
        signature = Signature(address_of(signer), self.sign(messages.Redeem.TYPE, words, signer))
        return Redeem(address_of(shop), amount, payout, nonce, signature)

    # ---------------------------------------------------------------- looking

    def execute(self, query: str, *parameters: object) -> list[dict[str, object]]:
        """Run any statement; rows, if it has some."""
        with self.database.transaction() as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def balance(self, name: str) -> int:
        """All that a wallet holds, whatever its date."""
        rows = self.execute(
            """SELECT coalesce(sum(amount), 0)::bigint AS amount FROM balance b JOIN wallet w ON w.account = b.account
               WHERE w.address = %s""",
            address_of(name),
        )
        return int(str(rows[0]["amount"]))

    def lots(self, name: str) -> list[tuple[str, int, str, int]]:
        """What a wallet holds by lot, those with nothing left out."""
        rows = self.execute(
            """SELECT b.kind, b.expiry_s, b.fund, b.amount FROM balance b JOIN wallet w ON w.account = b.account
               WHERE w.address = %s AND b.amount > 0 ORDER BY b.expiry_s, b.kind, b.fund""",
            address_of(name),
        )
        return [
            (str(r["kind"]), int(str(r["expiry_s"])), str(r["fund"]), int(str(r["amount"]))) for r in rows
        ]

    def shop_balance(self, number: int) -> int:
        """All that a shop holds."""
        rows = self.execute(
            """SELECT coalesce(sum(amount), 0)::bigint AS amount FROM balance b JOIN merchant m ON m.account = b.account
               WHERE m.number = %s""",
            number,
        )
        return int(str(rows[0]["amount"]))

    def everything(self) -> dict[str, list[dict[str, object]]]:
        """All that may not change when something is refused."""
        tables = {
            "balance": "municipality, account, kind, expiry_s, fund",
            "journal_head": "municipality",
            "wallet": "address",
            "signer": "address",
            "signer_usage": "signer, day",
            "fund": "id",
            "period": "municipality",
            "expiry_date": "expiry_s",
            "merchant": "number",
            "checkout": "id",
            "operation": "id",
            "journal": "operation, line",
            "chain_effect": "sequence",
            "payment": "id",
            "random_nonce": "payer, nonce",
            "retired_merchant_address": "address",
            "top_up": "digest",
            "audit": "id",
        }
        return {
            table: self.execute(f"SELECT * FROM {table} ORDER BY {order}") for table, order in tables.items()
        }


def found(database: Database, rules: Program | None = None) -> Town:
    """A town with its staff, a channel, a cashier, three dates, one shop (number 1) and nobody else."""
    clock = StandingClock(START_MS)
    signer = ReceiptSigner(key_of("receipts"))
    deployment = Deployment(31337, b"\xc0" * 20, address_of("settler"), signer.address, START_MS)
    with database.transaction() as connection:
        municipality = municipalities.create(connection, rules or program(), deployment, clock=clock)
        staff = [address_of("ken"), address_of("yumi")]
        roles.open_with_staff(Books(connection, municipality, clock), staff, actor="deployer")
    town = Town(database, municipality, clock, signer)
    town.role("counter", 2, 90_000_000, CASH_COUNTER)
    town.role("cashier", 3, 0)
    town.role(None, 5, 100_000_000)
    for lane, expiry_s in enumerate((HALF_YEAR_S, YEAR_END_S, NEXT_YEAR_END_S)):
        town.date(lane, expiry_s)
    town.shop("bakery", 1)
    return town


def code_of(outcome: Outcome) -> str:
    """'accepted', or the code of the refusal."""
    return outcome.code if isinstance(outcome, Refused) else "accepted"


__all__ = ["Accepted", "Domain", "Refused", "Submission", "Town", "address_of", "found", "key_of", "program"]
