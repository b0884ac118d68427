"""A simple second implementation of the rules for payments: one authorization after the other, in plain Python.

It shares no code with the books: no SQL, no runs, no aggregates. Signatures are a flag. Amounts of lots stand in a
dictionary, used nonces in a set.
"""

from dataclasses import dataclass, field

LotKey = tuple[str, int, str]  # kind, expiry, fund


@dataclass(frozen=True)
class Said:
    """An authorization and the checkout it was sent with."""

    payer: str
    payee: str
    value: int
    valid_after_s: int
    valid_before_s: int
    nonce: int
    is_forged: bool
    checkout: str | None


@dataclass
class Purse:
    """What one wallet has and has used."""

    lots: dict[LotKey, int]
    used: set[int] = field(default_factory=set)
    is_frozen: bool = False

    def base(self) -> int:
        """The lowest nonce that is unused."""
        base = 0
        while base in self.used:
            base += 1
        return base


@dataclass
class Asked:
    """A checkout."""

    shop: str
    amount: int
    deadline_ms: int
    is_paid: bool = False


@dataclass
class Model:
    """A town of purses, shops and checkouts at one moment."""

    now_ms: int
    purses: dict[str, Purse]
    shops: dict[str, bool]
    asked: dict[str, Asked]
    fund_order: list[str]
    max_payment: int
    max_send: int
    max_send_month: int
    max_balance: int
    sent: dict[str, int] = field(default_factory=dict)
    received: dict[str, int] = field(default_factory=dict)
    earned: dict[str, int] = field(default_factory=dict)
    accepted: dict[Said, tuple[int, list[tuple[LotKey, int]]]] = field(default_factory=dict)
    count: int = 0

    def decide(self, said: Said) -> str | tuple[int, list[tuple[LotKey, int]]]:
        """A code, or the number and the parts."""
        if said.is_forged:
            return "signature_invalid"
        for before, answer in self.accepted.items():
            if (before.payer, before.nonce) == (said.payer, said.nonce) and self._same(before, said):
                return answer if before.checkout == said.checkout else "authorization_for_other_checkout"
        reason = self._refusal(said)
        if reason:
            return reason
        return self._move(said)

    @staticmethod
    def _same(one: Said, two: Said) -> bool:
        return (one.payee, one.value, one.valid_after_s, one.valid_before_s) == (
            two.payee,
            two.value,
            two.valid_after_s,
            two.valid_before_s,
        )

    def _refusal(self, said: Said) -> str:
        checkout = self._checkout_refusal(said)
        if checkout:
            return checkout
        purse = self.purses.get(said.payer)
        nonce = self._nonce_refusal(purse, said.nonce)
        if nonce:
            return nonce
        if said.valid_after_s >= self.now_ms // 1000:
            return "authorization_not_yet_valid"
        if said.valid_before_s * 1000 <= self.now_ms:
            return "authorization_expired"
        if purse is None:
            return "holder_is_merchant" if said.payer in self.shops else "holder_unknown"
        return self._party_refusal(said, purse) or self._amount_refusal(said, purse)

    def _checkout_refusal(self, said: Said) -> str:
        if said.checkout is None:
            return ""
        asked = self.asked.get(said.checkout)
        if asked is None:
            return "checkout_unknown"
        if (asked.shop, asked.amount) != (said.payee, said.value):
            return "checkout_mismatch"
        if asked.is_paid:
            return "checkout_paid"
        return "checkout_expired" if asked.deadline_ms <= self.now_ms else ""

    @staticmethod
    def _nonce_refusal(purse: Purse | None, nonce: int) -> str:
        base, used = (purse.base(), purse.used) if purse else (0, set())
        if nonce in used:
            return "nonce_used"
        if nonce < 1 << 24 and nonce >= base + 120:
            return "nonce_out_of_window"
        return ""

    def _party_refusal(self, said: Said, purse: Purse) -> str:
        if said.payer == said.payee:
            return "self_transfer"
        if purse.is_frozen:
            return "account_frozen"
        if said.payee not in self.purses and said.payee not in self.shops:
            return "merchant_not_registered"
        if said.payee in self.shops and not self.shops[said.payee]:
            return "merchant_closed"
        return ""

    def _amount_refusal(self, said: Said, purse: Purse) -> str:
        if said.value == 0:
            return "amount_invalid"
        if said.payee in self.shops:
            if said.value > self.max_payment:
                return "payment_limit"
        elif (
            said.value > self.max_send
            or self.sent.get(said.payer, 0) + said.value > self.max_send_month
            or self.received.get(said.payee, 0) + said.value > self.max_send_month
        ):
            return "send_limit"
        elif self._live(self.purses[said.payee]) + said.value > self.max_balance:
            return "balance_limit"
        if self._live(purse) < said.value:
            return "insufficient_balance"
        return "authorization_too_short" if said.valid_before_s - self.now_ms // 1000 < 1_800 else ""

    def _live(self, purse: Purse) -> int:
        return sum(amount for (_, expiry, _), amount in purse.lots.items() if expiry * 1000 > self.now_ms)

    def _order(self, lot: LotKey) -> tuple[int, bool, int]:
        kind, expiry, fund = lot
        return expiry, kind == "coin", self.fund_order.index(fund) if fund else 0

    def _move(self, said: Said) -> tuple[int, list[tuple[LotKey, int]]]:
        lots = self.purses[said.payer].lots
        left, parts = said.value, []
        for lot in sorted(lots, key=self._order):
            taken = min(left, lots[lot]) if lot[1] * 1000 > self.now_ms else 0
            if taken:
                lots[lot] -= taken
                left -= taken
                parts.append((lot, taken))
        if said.payee in self.shops:
            self.earned[said.payee] = self.earned.get(said.payee, 0) + said.value
        else:
            self.sent[said.payer] = self.sent.get(said.payer, 0) + said.value
            self.received[said.payee] = self.received.get(said.payee, 0) + said.value
            for lot, taken in parts:
                theirs = self.purses[said.payee].lots
                theirs[lot] = theirs.get(lot, 0) + taken
        self.purses[said.payer].used.add(said.nonce)
        if said.checkout:
            self.asked[said.checkout].is_paid = True
        self.count += 1
        self.accepted[said] = self.count, parts
        return self.count, parts
