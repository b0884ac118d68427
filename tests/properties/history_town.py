"""A town on which a history is played: real books, real signatures, a real chain; and the memory of what was answered."""

from collections.abc import Callable
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

from coin import messages
from coin.chain.deploy import Constitution, deploy
from coin.chain.rpc import Rpc
from coin.chain.transactions import block_time_s
from coin.clock import DAY_S, StandingClock
from coin.database.database import Database
from coin.errors import CoinError
from coin.messages import nonce_word
from coin.operations import expire
from coin.operations.operation import Operation
from coin.payments import Accepted, Refused, Submission
from coin.reconciliation.reconcile import reconcile
from coin.registry.signers import SignerRole
from coin.settlement.settler import Policy, Settler
from coin.settlement.tick import drain, tick
from tests.patience import HANG_S
from tests.worlds.books import Town, code_of, new_books
from tests.worlds.people import address_of, key_of

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


class RefusedMoved(AssertionError):
    """A refused operation left a trace."""


class Disagreement(AssertionError):
    """Books and chain, or the books among themselves, say two things."""


class HistoryTown(Town):
    """Books, chain and settler of one town, opened with three staff and nothing else."""

    def __init__(self, database: Database, rpc: Rpc, knobs: Knobs, number: int, *, owner_url: str) -> None:
        self.rpc, self.knobs, self.owner_url = rpc, knobs, owner_url
        clock = StandingClock(knobs.start_ms)
        offices = [address_of(name) for name in ("settler", "pauser")]
        staff = [address_of(name) for name in STAFF]
        contract = deploy(rpc, key_of("deployer"), Constitution("BandaiCoin 074071", *offices, staff)).address
        rules = program_of(knobs, number)
        municipality = new_books(database, clock, rules, contract=contract, staff=STAFF)
        super().__init__(database, municipality, clock)
        self.settler = Settler.of(
            database, municipality, clock, rpc, key_of("settler"), Policy.of(municipality)
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

    def _first_waiting_ms(self) -> int | None:
        (row,) = self.rows(
            """SELECT min(accepted_at_ms) AS at FROM chain_effect e WHERE sequence >
               (SELECT coalesce(max(last_sequence), 0) FROM batch WHERE state = 'confirmed')"""
        )
        return row["at"]

    def _fingerprint(self) -> dict[str, Any]:
        return self.rows(_FINGERPRINT)[0]

    # ---------------------------------------------------------------- the moves

    def _tried(self, act: Callable[[], object]) -> list[str]:
        try:
            act()
        except CoinError as refusal:
            return [refusal.code]
        return [ACCEPTED]

    def _office(self, operation: Operation[Any]) -> list[str]:
        return self._tried(lambda: self.perform(operation))

    def _register(self, move: Register) -> list[str]:
        return self._tried(lambda: self.register(move.name))

    def _charge(self, move: Charge) -> list[str]:
        said = messages.TopUp(
            channel=address_of(move.channel),
            holder=address_of(move.holder),
            coins=move.coins,
            coin_expiry_s=move.coin_expiry_s,
            points=move.points,
            point_expiry_s=move.point_expiry_s,
            reference=nonce_word(move.reference),
            nonce=move.nonce,
        )
        return self._office(self.top_up_message(said, key=move.key))

    def _pay(self, move: Pay) -> list[str]:
        outcomes = self.accept(*map(self._submission, move.items))
        assert all(isinstance(outcome, Accepted | Refused) for outcome in outcomes)
        return [code_of(outcome) for outcome in outcomes]

    def _submission(self, said: Signed) -> Submission:
        terms = {"valid_after_s": said.valid_after_s, "valid_before_s": said.valid_before_s, "key": said.key}
        return Submission(self.authorization(said.payer, said.payee, said.value, said.nonce, **terms))

    def _cancel(self, move: CancelNonce) -> list[str]:
        return self._office(self.cancel_message(move.name, move.nonce, key=move.key))

    def _redeem(self, move: RedeemShop) -> list[str]:
        payout = nonce_word(move.nonce)
        return self._office(
            self.redeem_message(move.shop, move.amount, move.nonce, payout=payout, key=move.key)
        )

    def _shop(self, move: Shop) -> list[str]:
        shop = self.shop_message(move.name, move.number, move.status, nonce=move.nonce, names=move.signers)
        return self._office(shop)

    def _open_date(self, move: OpenDate) -> list[str]:
        date = self.date_message(move.lane, move.expiry_s, nonce=move.nonce, names=move.signers)
        return self._office(date)

    def _change_role(self, move: ChangeRole) -> list[str]:
        channel = move.name if move.role == SignerRole.CHANNEL else None
        terms = {"nonce": move.nonce, "names": move.signers}
        return self._office(self.role_message(move.name, move.role, move.allowance, channel, **terms))

    def _end_date(self, move: EndDate) -> list[str]:
        # anvil makes a block only when it is sent something; a real chain would show one of this second
        seen_s = max(block_time_s(self.rpc), self.clock.now_ms() // 1000)
        return self._office(expire.EndDate(move.expiry_s, chain_time_s=seen_s))

    def _settle(self, move: Settle) -> list[str]:
        tick(self.settler, force=move.force)
        return []

    def _look(self, _move: Look) -> list[str]:
        found = reconcile(self.database, self.municipality, self.rpc, clock=self.clock)
        if not found.is_clean:
            raise Disagreement(f"reconcile: {found.differences}")
        return []
