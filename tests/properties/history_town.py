"""A town on which a history is played: real books, real signatures, a real chain; and the memory of what was answered."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from history_moves import (
    STAFF,
    CancelNonce,
    ChangeRole,
    Charge,
    EndDate,
    Look,
    Move,
    OpenDate,
    Pay,
    RedeemShop,
    Register,
    Settle,
    Shop,
    Signed,
    Step,
)
from history_rules import Knobs, program_of

from coin import core, messages
from coin.chain.deploy import Constitution, deploy
from coin.chain.rpc import Rpc
from coin.chain.transactions import block_time_s
from coin.clock import DAY_S, StandingClock
from coin.database.database import Conn, Database
from coin.errors import CoinError
from coin.messages import MessageType, nonce_word
from coin.operations import calendar, cancel, expire, merchants, redeem, roles, top_up
from coin.operations.perform import perform
from coin.payments import Accepted, Authorization, ReceiptSigner, Refused, Submission, accept
from coin.reconciliation.reconcile import reconcile
from coin.registry import municipality as municipalities
from coin.registry import wallets
from coin.registry.books import Books
from coin.registry.municipality import Deployment
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import drain, tick
from coin.signatures import Signature
from tests.patience import HANG_S

ACCEPTED = "accepted"
LONGEST_WAIT_MS = 9 * DAY_S * 1000
_KEPT = (
    "balance",
    "journal_head",
    "wallet",
    "signer",
    "signer_usage",
    "fund",
    "period",
    "expiry_date",
    "merchant",
    "retired_merchant_address",
    "operation",
    "journal",
    "chain_effect",
    "payment",
    "random_nonce",
    "top_up",
    "redeem",
    "account",
    "audit",
)
_FINGERPRINT = "SELECT " + ", ".join(
    f"(SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t) AS {table}" for table in _KEPT
)


@cache
def key_of(name: str) -> bytes:
    """The secret key of somebody in a history."""
    return core.keccak256(f"history key of {name}".encode())


@cache
def address_of(name: str) -> bytes:
    """The address of `key_of`."""
    return core.addresses(key_of(name))


class RefusedMoved(AssertionError):
    """A refused operation left a trace."""


class Disagreement(AssertionError):
    """Books and chain, or the books among themselves, say two things."""


class HistoryTown:
    """Books, chain and settler of one town, opened with three staff and nothing else."""

    def __init__(self, database: Database, rpc: Rpc, knobs: Knobs, number: int, *, owner_url: str) -> None:
        self.database, self.rpc, self.knobs, self.owner_url = database, rpc, knobs, owner_url
        self.clock = StandingClock(knobs.start_ms)
        self.receipts = ReceiptSigner(key_of("receipts"))
        program = program_of(knobs, number)
        staff = [address_of(name) for name in STAFF]
        constitution = Constitution(
            "BandaiCoin 074071", address_of("admin"), address_of("settler"), address_of("pauser"), staff
        )
        contract = deploy(rpc, key_of("deployer"), constitution).address
        deployment = Deployment(31337, contract, address_of("settler"), self.receipts.address, knobs.start_ms)
        with database.transaction() as conn:
            self.municipality = municipalities.create(conn, program, deployment, clock=self.clock)
            roles.open_with_staff(Books(conn, self.municipality, self.clock), staff, actor="deployer")
        self.code = self.municipality.code
        self.settler = Settler.of(
            database, self.municipality, self.clock, rpc, key_of("settler"), Policy.of(self.municipality)
        )
        self.steps: list[Step] = []
        self.answers: list[tuple[str, str]] = []
        self._trace = self._fingerprint()
        self._acts: dict[type, Callable[[Any], list[str]]] = {
            Register: self._register,
            Charge: self._charge,
            Pay: self._pay,
            CancelNonce: self._cancel,
            RedeemShop: self._redeem,
            Shop: self._shop,
            OpenDate: self._open_date,
            ChangeRole: self._change_role,
            EndDate: self._end_date,
            Settle: self._settle,
            Look: self._look,
        }

    # ---------------------------------------------------------------- playing

    def play(self, at_ms: int, move: Move) -> list[str]:
        """Try a move at a moment; nothing waits longer than the contract's window. Returns a code per authorization."""
        self.move_clock(at_ms)
        self.steps.append(Step(at_ms, move))
        codes = self._acts[type(move)](move)
        self.answers += [(type(move).__name__, code) for code in codes]
        after = self._fingerprint()
        if codes and ACCEPTED not in codes and after != self._trace:
            raise RefusedMoved(f"{codes} left a trace: {move}")
        self._trace = after
        return codes

    def do(self, move: Move) -> None:
        """Play a move now; it must be accepted."""
        codes = self.play(self.clock.now_ms(), move)
        assert set(codes) <= {ACCEPTED}, (codes, move)

    def move_clock(self, at_ms: int) -> None:
        """Set the clock; whatever would wait more than nine days is settled on the way."""
        first_ms = self._first_waiting_ms()
        if first_ms is not None and at_ms > first_ms + LONGEST_WAIT_MS:
            self.clock.set_ms(max(self.clock.now_ms(), first_ms + LONGEST_WAIT_MS))
            self.drain()
        self.clock.set_ms(at_ms)

    def drain(self) -> None:
        """Settle everything that was accepted."""
        (head,) = self.rows("SELECT last_accepted_at_ms AS at FROM journal_head")
        self.clock.set_ms(max(self.clock.now_ms(), head["at"]))
        drain(self.settler, timeout_s=HANG_S, pause_s=0.005)

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        """Run a query."""
        with self.database.transaction() as conn:
            return conn.execute(query.encode(), values).fetchall()

    def _first_waiting_ms(self) -> int | None:
        (row,) = self.rows(
            """SELECT min(accepted_at_ms) AS at FROM chain_effect e WHERE sequence >
               (SELECT coalesce(max(last_sequence), 0) FROM batch WHERE state = 'confirmed')"""
        )
        return row["at"]

    def _fingerprint(self) -> dict[str, Any]:
        return self.rows(_FINGERPRINT)[0]

    # ---------------------------------------------------------------- the moves

    def _sign(self, message: MessageType, words: bytes, name: str) -> bytes:
        return core.sign(key_of(name), message.digest(self.municipality.domain, words))

    def _two(self, message: MessageType, words: bytes, names: Iterable[str]) -> tuple[Signature, ...]:
        return tuple(Signature(address_of(name), self._sign(message, words, name)) for name in names)

    def _office(self, act: Callable[[Conn], object]) -> list[str]:
        try:
            with self.database.transaction() as conn:
                act(conn)
        except CoinError as refusal:
            return [refusal.code]
        return [ACCEPTED]

    def _register(self, move: Register) -> list[str]:
        return self._office(
            lambda conn: wallets.register(Books(conn, self.municipality, self.clock), address_of(move.name))
        )

    def _charge(self, move: Charge) -> list[str]:
        draft = top_up.TopUp(
            channel=address_of(move.channel),
            holder=address_of(move.holder),
            coins=move.coins,
            coin_expiry_s=move.coin_expiry_s,
            points=move.points,
            point_expiry_s=move.point_expiry_s,
            reference=nonce_word(move.reference),
            nonce=move.nonce,
            signature=b"",
        )
        message = replace(draft, signature=self._sign(messages.TopUp.TYPE, draft.words, move.key))
        return self._office(
            lambda conn: perform(Books(conn, self.municipality, self.clock), message, actor="clerk")
        )

    def authorization(self, said: Signed) -> Authorization:
        """The authorization as its payer, or a liar, signed it."""
        draft = Authorization(
            payer=address_of(said.payer),
            payee=address_of(said.payee),
            value=said.value,
            valid_after_s=said.valid_after_s,
            valid_before_s=said.valid_before_s,
            nonce=nonce_word(said.nonce),
            signature=b"",
        )
        return replace(
            draft, signature=self._sign(messages.TransferWithAuthorization.TYPE, draft.words, said.key)
        )

    def _pay(self, move: Pay) -> list[str]:
        submissions = [Submission(self.authorization(said)) for said in move.items]
        outcomes = accept(self.database, self.municipality, self.clock, self.receipts, submissions)
        assert all(isinstance(outcome, Accepted | Refused) for outcome in outcomes)
        return [outcome.code if isinstance(outcome, Refused) else ACCEPTED for outcome in outcomes]

    def _cancel(self, move: CancelNonce) -> list[str]:
        words = messages.CancelAuthorization(
            authorizer=address_of(move.name), nonce=nonce_word(move.nonce)
        ).words
        made = self._sign(messages.CancelAuthorization.TYPE, words, move.key)
        message = cancel.Cancel(address_of(move.name), nonce_word(move.nonce), made)
        return self._office(
            lambda conn: perform(Books(conn, self.municipality, self.clock), message, actor="payer")
        )

    def _redeem(self, move: RedeemShop) -> list[str]:
        shop, payout = address_of(move.shop), nonce_word(move.nonce)
        words = messages.Redeem(merchant=shop, amount=move.amount, payout=payout, nonce=move.nonce).words
        signature = Signature(address_of(move.key), self._sign(messages.Redeem.TYPE, words, move.key))
        message = redeem.Redeem(shop, move.amount, payout, move.nonce, signature)
        return self._office(
            lambda conn: perform(Books(conn, self.municipality, self.clock), message, actor="cashier")
        )

    def _shop(self, move: Shop) -> list[str]:
        account = address_of(move.name)
        words = messages.Merchant(
            account=account, number=move.number, status=move.status, nonce=move.nonce
        ).words
        facts = merchants.MerchantFacts("商店", "Shop", "BANDAI", "5411")
        signatures = self._two(messages.Merchant.TYPE, words, move.signers)
        message = merchants.MerchantChange(account, move.number, move.status, move.nonce, signatures, facts)
        return self._office(
            lambda conn: perform(Books(conn, self.municipality, self.clock), message, actor="staff")
        )

    def _open_date(self, move: OpenDate) -> list[str]:
        words = messages.Calendar(lane=move.lane, expiry_s=move.expiry_s, nonce=move.nonce).words
        signatures = self._two(messages.Calendar.TYPE, words, move.signers)
        message = calendar.OpenDate(move.lane, move.expiry_s, move.nonce, signatures)
        return self._office(
            lambda conn: perform(Books(conn, self.municipality, self.clock), message, actor="staff")
        )

    def _change_role(self, move: ChangeRole) -> list[str]:
        account = address_of(move.name) if move.name else roles.NO_ACCOUNT
        words = messages.Role(
            account=account, role=move.role, allowance=move.allowance, nonce=move.nonce
        ).words
        channel = move.name if move.role == 2 else None
        signatures = self._two(messages.Role.TYPE, words, move.signers)
        message = roles.RoleChange(account, move.role, move.allowance, move.nonce, signatures, channel)
        return self._office(
            lambda conn: perform(Books(conn, self.municipality, self.clock), message, actor="staff")
        )

    def _end_date(self, move: EndDate) -> list[str]:
        # anvil makes a block only when it is sent something; a real chain would show one of this second
        seen_s = max(block_time_s(self.rpc), self.clock.now_ms() // 1000)
        return self._office(
            lambda conn: perform(
                Books(conn, self.municipality, self.clock),
                expire.EndDate(move.expiry_s, chain_time_s=seen_s),
                actor="clock",
            )
        )

    def _settle(self, move: Settle) -> list[str]:
        tick(self.settler, force=move.force)
        return []

    def _look(self, _move: Look) -> list[str]:
        found = reconcile(self.database, self.municipality, self.rpc, clock=self.clock)
        if not found.is_clean:
            raise Disagreement(f"reconcile: {found.differences}")
        return []
