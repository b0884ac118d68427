"""Draws a history: most moves make sense, some are wrong in one way, and the clock jumps by ms, hours, days, over ends.

It looks at the books only to aim (what somebody holds, which nonce is free); it never decides what must be accepted.
"""

import random
from collections.abc import Callable
from dataclasses import replace

from history_moves import (
    CASHIER,
    CHANNELS,
    STAFF,
    CancelNonce,
    ChangeRole,
    Charge,
    EndDate,
    Look,
    OpenDate,
    Pay,
    RedeemShop,
    Register,
    Settle,
    Shop,
    Signed,
)
from history_rules import midnight_after_s
from history_town import HistoryTown

from coin.errors import Rejected
from coin.formats import SIGNER_WINDOW
from coin.operations.redeem import redeemable
from coin.operations.top_up import quote
from coin.program import LotKind
from coin.registry import signers
from tests.worlds.people import address_of

HOLDERS = tuple(f"holder-{i}" for i in range(6))
SHOPS = tuple(f"shop-{i}" for i in range(7))
NUMBERS = (1, 2, 3)
SECOND_MS, HOUR_MS, DAY_MS = 1_000, 3_600_000, 86_400_000
ENDS_AFTER_S = (0, 1, 1, 2, 60, 899, 900, 1_799, 1_800, 1_801, 3_600, *[43_200] * 8, 1 << 24, 1 << 25)


class Maker:
    """Plays one drawn history on a town."""

    def __init__(self, town: HistoryTown, rng: random.Random) -> None:
        self.town, self.rng = town, rng
        self.references = 0
        self.accepted: list[Signed] = []
        self._moves: dict[Callable[[], None], float] = {
            self._charge: 14,
            self._pay: 26,
            self._send: 8,
            self._list: 6,
            self._again: 3,
            self._cancel: 5,
            self._redeem: 5,
            self._shop: 6,
            self._open_date: 5,
            self._end_date: 4,
            self._role: 4,
            self._settle: 10,
            self._register: 1,
            self._look: 2,
        }

    def open(self) -> None:
        """Give the town what it needs to begin."""
        town, knobs = self.town, self.town.knobs
        town.do(ChangeRole(None, 5, knobs.cap_yen, self._free(STAFF[0]), STAFF[:2]))
        for channel in CHANNELS:
            town.do(ChangeRole(channel, 2, knobs.allowance_yen, self._free(STAFF[0]), STAFF[:2]))
        town.do(ChangeRole(CASHIER, 3, 0, self._free(STAFF[1]), STAFF[1:]))
        for lane, expiry_s in enumerate(self._wanted_dates()[:4]):
            town.do(OpenDate(lane, expiry_s, self._free(STAFF[0]), STAFF[:2]))
        for number in NUMBERS:
            town.do(Shop(SHOPS[number - 1], number, 1, self._free(STAFF[0]), STAFF[:2]))
        for name in HOLDERS:
            town.do(Register(name))

    def step(self) -> None:
        """Move the clock, then try one move."""
        self.town.move_clock(self._moment())
        if self.rng.random() < 0.7:
            self._keep_a_date_open()
        (move,) = self.rng.choices(list(self._moves), list(self._moves.values()))
        move()

    # ---------------------------------------------------------------- the clock

    @property
    def now_ms(self) -> int:
        return self.town.clock.now_ms()

    @property
    def now_s(self) -> int:
        return self.now_ms // 1000

    def _moment(self) -> int:
        draw, now = self.rng.random(), self.now_ms
        if draw < 0.30:
            return now
        if draw < 0.55:
            return now + self.rng.randint(1, 1_500)
        if draw < 0.75:
            return now + self.rng.randint(1, 400) * SECOND_MS
        if draw < 0.83:
            return now + self.rng.randint(0, 6 * HOUR_MS)
        if draw < 0.92:
            midnight = midnight_after_s(now) * 1000
            return max(now, midnight + self.rng.choice([-1000, -100, -1, 0, 0, 1, 999, 1000]))
        if draw < 0.94:
            return now - self.rng.randint(1, 5 * SECOND_MS)  # a machine's clock can be set back
        return now + self.rng.randint(0, self.rng.choice([1, 2, 4, 12]) * DAY_MS)

    # ---------------------------------------------------------------- aiming

    def _free(self, signer: str) -> int:
        with self.town.database.transaction() as conn:
            return signers.lowest_free_nonces(signers.find(conn, self.town.code, address_of(signer)), 1)[0]

    def _nonce(self, signer: str) -> int:
        with self.town.database.transaction() as conn:
            found = signers.find(conn, self.town.code, address_of(signer))
        if self.rng.random() < 0.92:
            return self._free(signer)
        return max(0, found.nonce_base + self.rng.randint(-2, SIGNER_WINDOW + 2))

    def _payers_nonce(self, name: str) -> int:
        rows = self.town.rows("SELECT nonce_base, nonce_map FROM wallet WHERE address = %s", address_of(name))
        base, used = (rows[0]["nonce_base"], rows[0]["nonce_map"]) if rows else (0, "0" * 120)
        draw = self.rng.random()
        if draw < 0.70:
            return base + used.index("0")
        if draw < 0.88:
            return max(0, base + self.rng.randint(-2, 123))
        return self.rng.choice([(1 << 24) - 1, 1 << 24, self.rng.randrange(1 << 24, 1 << 30), (1 << 256) - 1])

    def _key(self, name: str) -> str:
        return name if self.rng.random() < 0.97 else "stranger"

    def _staff(self) -> tuple[str, ...]:
        if self.rng.random() < 0.95:
            return tuple(self.rng.sample(STAFF, 2))
        return self.rng.choice([("ken", "ken"), ("ken",), ("ken", "stranger"), ("counter", "ken")])

    def _balance(self, name: str) -> int:
        rows = self.town.rows(
            """SELECT coalesce(sum(b.amount), 0)::bigint AS amount FROM balance b JOIN wallet w ON w.account = b.account
               WHERE w.address = %s AND b.expiry_s * 1000 > %s""",
            address_of(name),
            self.now_ms,
        )
        return int(rows[0]["amount"])

    def _amount(self, balance: int = 0) -> int:
        if balance and self.rng.random() < 0.3:
            return self.rng.choice([balance, max(1, balance - 1), balance + 1])
        if self.town.knobs.is_rich:
            amount = self.rng.choice([self.rng.randint(1, 7_000_000), 16_777_215, 8_388_608])
        else:
            amount = self.rng.choice([1, self.rng.randint(1, 300), self.rng.randint(1, 3_000)])
        if amount > balance > 0 and self.rng.random() < 0.8:
            return self.rng.randint(1, balance)
        return 0 if self.rng.random() < 0.02 else amount

    def _payer(self) -> str:
        payer = self.rng.choice(HOLDERS)
        for _ in range(3):
            if self._balance(payer):
                break
            payer = self.rng.choice(HOLDERS)
        return payer if self.rng.random() < 0.97 else self.rng.choice([*SHOPS, "stranger"])

    def _open_shop(self) -> str:
        rows = self.town.rows("SELECT address FROM merchant WHERE is_open")
        known = [name for name in SHOPS if address_of(name) in {row["address"] for row in rows}]
        return self.rng.choice(known) if known and self.rng.random() < 0.92 else self.rng.choice(SHOPS)

    def _wanted_dates(self) -> list[int]:
        program, now = self.town.municipality.program, self.now_ms
        ends = [
            self._end_of(program.expiry_s, kind, now + days * DAY_MS)
            for days in (0, 3, 6)
            for kind in (LotKind.COIN, LotKind.POINT)
        ]
        return list(dict.fromkeys(end for end in ends if end is not None))

    @staticmethod
    def _end_of(expiry_s: Callable[[LotKind, int], int], kind: LotKind, at_ms: int) -> int | None:
        try:
            return expiry_s(kind, at_ms)
        except Rejected:
            return None

    # ---------------------------------------------------------------- the moves

    def _charge(self) -> None:
        channel, holder = self.rng.choice(CHANNELS), self._payer()
        try:
            move = self.charge_of(channel, holder, self._amount() or 1)
        except Rejected:
            return
        reference = move.reference if self.rng.random() < 0.97 else 1
        move = replace(move, reference=reference, nonce=self._nonce(channel), key=self._key(channel))
        self._play(self._spoilt(move))

    def charge_of(self, channel: str, holder: str, coins: int) -> Charge:
        """A charge with the bonus and the dates of now, as the channel would sign it."""
        with self.town.books() as books:
            brought = quote(books, self.now_ms, coins)
        self.references += 1
        return Charge(
            channel=channel,
            holder=holder,
            coins=coins,
            coin_expiry_s=brought.coin_expiry_s,
            points=brought.points,
            point_expiry_s=brought.point_expiry_s,
            reference=self.references,
            nonce=self._free(channel),
            key=channel,
        )

    def _spoilt(self, move: Charge) -> Charge:
        draw = self.rng.random()
        if draw < 0.02:
            return replace(move, points=move.points + 1)
        if draw < 0.04:
            return replace(move, coin_expiry_s=move.coin_expiry_s + 86_400)
        if draw < 0.05:
            return replace(move, coins=0)
        return move

    def _signed(self, payer: str, payee: str) -> Signed:
        value = self._amount(self._balance(payer))
        starts_s = self.rng.choice([*[0] * 20, self.now_s - 1, self.now_s - 1, self.now_s, self.now_s + 1])
        ends_s = self.now_s + self.rng.choice(ENDS_AFTER_S)
        nonce = self._payers_nonce(payer)
        return Signed(payer, payee, value, starts_s, ends_s, nonce, self._key(payer))

    def _play(self, move: Charge | Pay) -> None:
        codes = self.town.play(self.now_ms, move)
        if isinstance(move, Pay):
            self.accepted += [
                said for said, code in zip(move.items, codes, strict=True) if code == "accepted"
            ]

    def _pay(self) -> None:
        self._play(Pay((self._signed(self._payer(), self._open_shop()),)))

    def _send(self) -> None:
        self._play(Pay((self._signed(self._payer(), self.rng.choice(HOLDERS)),)))

    def _list(self) -> None:
        items: list[Signed] = []
        for _ in range(self.rng.randint(2, 6)):
            payee = self._open_shop() if self.rng.random() < 0.7 else self.rng.choice(HOLDERS)
            said = self._signed(self._payer(), payee)
            same = sum(item.payer == said.payer for item in items)
            items.append(replace(said, nonce=said.nonce + same) if said.nonce < 1 << 23 else said)
        self._play(Pay(tuple(items)))

    def _again(self) -> None:
        """The same authorization once more, or its nonce for another amount."""
        if not self.accepted:
            return
        said = self.rng.choice(self.accepted)
        if self.rng.random() < 0.5:
            said = replace(said, value=said.value + 1)
        self.town.play(self.now_ms, Pay((said,)))

    def _cancel(self) -> None:
        name = self._payer()
        self.town.play(self.now_ms, CancelNonce(name, self._payers_nonce(name), self._key(name)))

    def _redeem(self) -> None:
        number = self.rng.choice(NUMBERS)
        rows = self.town.rows("SELECT address FROM merchant WHERE number = %s", number)
        (shop,) = [name for name in SHOPS if address_of(name) == rows[0]["address"]]
        with self.town.books() as books:
            most = sum(redeemable(books, number).values())
        amount = self.rng.choice([most, max(most // 2, 1), most + 1])
        key = self._key(CASHIER)
        self.town.play(self.now_ms, RedeemShop(shop, amount, self._nonce(CASHIER), key))

    def _shop(self) -> None:
        name = self.rng.choice([*SHOPS, *SHOPS, HOLDERS[0]])
        number = self.rng.choice(NUMBERS) if self.rng.random() < 0.95 else self.rng.choice([0, 7, 1_000_000])
        status = self.rng.choice([1, 1, 1, 2, 3])
        if self.rng.random() < 0.5:  # a shop that exists closes, or opens again
            rows = self.town.rows("SELECT number, address FROM merchant")
            row = self.rng.choice(sorted(rows, key=lambda item: item["number"]))
            name = next(item for item in SHOPS if address_of(item) == row["address"])
            number = row["number"] if row["number"] in NUMBERS else number
        pair = self._staff()
        self.town.play(self.now_ms, Shop(name, number, status, self._nonce(pair[0]), pair))

    def _keep_a_date_open(self) -> None:
        """Open the date that charges need now, if a lane has rested long enough."""
        rows = self.town.rows("SELECT expiry_s, lane, replaced_sequence, expired_sequence FROM expiry_date")
        known = {row["expiry_s"] for row in rows}
        missing = [end for end in self._wanted_dates() if end not in known]
        taken = {row["lane"]: row for row in rows if row["replaced_sequence"] is None}
        free = [
            lane for lane in range(4) if lane not in taken or self.now_s >= taken[lane]["expiry_s"] + 864_000
        ]
        if not missing or not free:
            return
        lane = self.rng.choice(free)
        if lane in taken and taken[lane]["expired_sequence"] is None:
            self.town.play(self.now_ms, EndDate(taken[lane]["expiry_s"]))
        pair = self._staff()
        self.town.play(self.now_ms, OpenDate(lane, missing[0], self._nonce(pair[0]), pair))

    def _open_date(self) -> None:
        known = [row["expiry_s"] for row in self.town.rows("SELECT expiry_s FROM expiry_date ORDER BY 1")]
        expiry_s = midnight_after_s(self.now_ms, self.rng.randint(0, 12))
        expiry_s = self.rng.choice([expiry_s, expiry_s, expiry_s + 3_600, *known[:1]])
        pair = self._staff()
        lane = self.rng.choice([0, 1, 2, 3, 3, 4])
        if self.rng.random() < 0.4:  # leave lanes for the dates that charges need
            self.town.play(self.now_ms, OpenDate(lane, expiry_s, self._nonce(pair[0]), pair))

    def _end_date(self) -> None:
        rows = self.town.rows("SELECT expiry_s, expired_sequence FROM expiry_date ORDER BY expiry_s")
        due = [
            row["expiry_s"] for row in rows if row["expiry_s"] <= self.now_s and not row["expired_sequence"]
        ]
        every = [row["expiry_s"] for row in rows]
        chosen = self.rng.choice(due) if due and self.rng.random() < 0.9 else self.rng.choice([*every, 0])
        self.town.play(self.now_ms, EndDate(chosen))

    def _role(self) -> None:
        pair, knobs = self._staff(), self.town.knobs
        name, role, allowance = self.rng.choice(
            [
                (CHANNELS[0], 2, knobs.allowance_yen),
                (CHANNELS[0], 2, 2_000),
                (CHANNELS[1], 0, 0),
                (CHANNELS[1], 2, knobs.allowance_yen),
                (CASHIER, 3, 0),
                (CASHIER, 0, 0),
                (STAFF[2], 0, 0),
                (STAFF[2], 1, 0),
                (STAFF[2], 0, 5),
                (CASHIER, 7, 0),
                (None, 6, knobs.cap_yen + self.rng.randint(-3_000, 5_000)),
                (None, 5, knobs.cap_yen),
                (None, 2, 1),
            ]
        )
        channel_missing = name is None and role == 2
        self.town.play(
            self.now_ms,
            ChangeRole("counter" if channel_missing else name, role, allowance, self._nonce(pair[0]), pair),
        )

    def _settle(self) -> None:
        (head,) = self.town.rows("SELECT last_accepted_at_ms AS at FROM journal_head")
        if self.now_ms >= head["at"]:
            self.town.play(self.now_ms, Settle(self.rng.random() < 0.5))

    def _register(self) -> None:
        self.town.play(self.now_ms, Register(self.rng.choice([*HOLDERS, *SHOPS])))

    def _look(self) -> None:
        self.town.play(self.now_ms, Look())
