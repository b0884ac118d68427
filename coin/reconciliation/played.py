"""Replays the signed records of the journal from an empty state: which lots each of them must have moved.

Pure: records in, journal lines out. It knows no balances and no database, so that a change of both the journal and the
balances is still found. Verifies I-06 and I-11. Source: docs/formats.md §3; `coin.lots` for the spending order.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from typing import Any

from coin.errors import Rejected
from coin.ledger.accounts import AccountClass
from coin.lots import Lot, choose
from coin.messages import MerchantStatus, checksum_address
from coin.program import LotKind
from coin.reconciliation.figures import AccountName
from coin.records.effects import Effect, kind_of
from coin.records.kinds import Kind

Lines = Mapping["Line", int]
Values = Mapping[str, Any]  # a message's fields by name
_EXPIRED_INCOME = AccountName(AccountClass.EXPIRED_INCOME, "")


@dataclass(frozen=True, slots=True)
class Line:
    """A movement of one lot between accounts; `lot` is None if the record does not determine the lots (redeem)."""

    debit: AccountName
    credit: AccountName
    lot: Lot | None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Facts that are not in a record: the time of acceptance, the fund of a charge, and the channel of a role."""

    accepted_at_ms: int
    channel: str = ""
    fund: str = ""


@cache
def holder_account(address: bytes) -> AccountName:
    """Return the account of a holder."""
    return AccountName(AccountClass.HOLDER, checksum_address(address))


def shop_account(number: int) -> AccountName:
    """Return the account of a shop."""
    return AccountName(AccountClass.MERCHANT, f"{number:06d}")


def _point_expense(fund: str) -> AccountName:
    return AccountName(AccountClass.POINT_EXPENSE, fund)


class Play:
    """The state after the records so far: the holders' lots, the shops' numbers, and the channels' keys.

    Shapes:  `retired`: the number of each address whose shop's key was replaced.
    """

    def __init__(self, fund_order: Sequence[str]) -> None:
        self._fund_order = fund_order
        self._lots: dict[bytes, dict[Lot, int]] = {}
        self._numbers: dict[bytes, int] = {}
        self._open: dict[bytes, bool] = {}
        self._facts: dict[int, bytes] = {}
        self.retired: dict[bytes, int] = {}
        self._channels: dict[bytes, str] = {}
        self._moves: Mapping[Kind, Callable[[Values, Circumstances], dict[Line, int]]] = {
            Kind.TOP_UP: self._top_up,
            Kind.PAYMENT: self._payment,
            Kind.PAYMENT_GENERAL: self._payment,
            Kind.SEND: self._send,
            Kind.SEND_GENERAL: self._send,
            Kind.REDEEM: self._redeem,
            Kind.EXPIRE: self._expire,
            Kind.MERCHANT: self._merchant,
            Kind.ROLE: self._role,
        }

    def number_of(self, shop: bytes) -> int | None:
        """Return the present number of the address."""
        return self._numbers.get(shop)

    def shop(self, number: int) -> tuple[bytes, bool] | None:
        """Return the present address of the number, and whether the shop is open."""
        found = next((address for address, mine in self._numbers.items() if mine == number), None)
        return (found, self._open[found]) if found is not None else None

    def facts_of(self, number: int) -> bytes | None:
        """Return the hash of the shop's facts that two staff signed last."""
        return self._facts.get(number)

    def numbers(self) -> set[int]:
        """Return every number that a shop has or had; a number always stays with its shop."""
        return set(self._numbers.values())

    def signers(self) -> Set[bytes]:
        """Return every address that has or had a role."""
        return self._channels.keys()

    def channel_of(self, signer: bytes) -> str:
        """Return the channel of the signer's key; empty, if it is not a channel's."""
        return self._channels.get(signer, "")

    def play(self, effect: Effect, values: Values, circumstances: Circumstances) -> Lines:
        """Return the lines that this record must have written; none, if it moves no money."""
        move = self._moves.get(kind_of(effect))
        return move(values, circumstances) if move else {}

    def _top_up(self, values: Values, circumstances: Circumstances) -> dict[Line, int]:
        holder, coin = values["holder"], Lot(LotKind.COIN, values["coinExpiry"])
        cash = AccountName(AccountClass.CASH, self.channel_of(values["channel"]))
        lines = {Line(cash, holder_account(holder), coin): values["coins"]}
        self._give(holder, coin, values["coins"])
        # Without a fund (the row is missing) the line differs.
        if values["points"] and circumstances.fund:
            point = Lot(LotKind.POINT, values["pointExpiry"], circumstances.fund)
            lines[Line(_point_expense(circumstances.fund), holder_account(holder), point)] = values["points"]
            self._give(holder, point, values["points"])
        return lines

    def _payment(self, values: Values, circumstances: Circumstances) -> dict[Line, int]:
        shop = shop_account(self._numbers.get(values["to"], 0))
        return {
            Line(holder_account(values["from"]), shop, lot): amount
            for lot, amount in self._taken(values, circumstances)
        }

    def _send(self, values: Values, circumstances: Circumstances) -> dict[Line, int]:
        payer, payee = values["from"], values["to"]
        lines = {}
        for lot, amount in self._taken(values, circumstances):
            lines[Line(holder_account(payer), holder_account(payee), lot)] = amount
            self._give(payee, lot, amount)
        return lines

    def _redeem(self, values: Values, _: Circumstances) -> dict[Line, int]:
        shop = shop_account(self._numbers.get(values["merchant"], 0))
        payout = AccountName(AccountClass.PAYOUT, shop.reference)
        return {Line(shop, payout, None): values["amount"]}

    def _expire(self, values: Values, _: Circumstances) -> dict[Line, int]:
        lines = {}
        for holder, lots in self._lots.items():
            for lot in [lot for lot in lots if lot.expiry_s == values["expiry"]]:
                to = _EXPIRED_INCOME if lot.kind is LotKind.COIN else _point_expense(lot.fund)
                lines[Line(holder_account(holder), to, lot)] = lots.pop(lot)
        return lines

    def _merchant(self, values: Values, _: Circumstances) -> dict[Line, int]:
        if values["replaced"]:
            self.retired[values["replaced"]] = values["number"]
            self._numbers.pop(values["replaced"], None)
        self._numbers[values["account"]] = values["number"]
        self._open[values["account"]] = values["status"] == MerchantStatus.OPEN
        self._facts[values["number"]] = values["facts"]
        return {}

    def _role(self, values: Values, circumstances: Circumstances) -> dict[Line, int]:
        if any(values["account"]):  # the period's cap is not an address's role
            self._channels[values["account"]] = circumstances.channel
        return {}

    def _taken(self, values: Values, circumstances: Circumstances) -> Iterator[tuple[Lot, int]]:
        """Spend from the payer's lots; return nothing, if they are not enough."""
        lots = self._lots.setdefault(values["from"], {})
        try:
            parts = choose(lots, values["value"], circumstances.accepted_at_ms, self._fund_order)
        except Rejected:
            return
        for part in parts:
            lots[part.lot] -= part.amount_yen
            if not lots[part.lot]:
                del lots[part.lot]
            yield part.lot, part.amount_yen

    def _give(self, holder: bytes, lot: Lot, amount: int) -> None:
        lots = self._lots.setdefault(holder, {})
        lots[lot] = lots.get(lot, 0) + amount
