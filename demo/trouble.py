"""Operations that must fail: each is really tried, must be refused with its code, and must move nothing.

The cases use the wallet's library and then change something: another key, another amount, the same nonce, the same balance
twice.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from bandai_client import Authorization, Checkout, Key, Wallet
from coin.database.database import Database
from coin.errors import CoinError, Rejected
from coin.registry.municipality import Municipality
from demo.people import Resident, Shop
from demo.town import Town
from town_cli.desk.charges import Charge, charge

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_FAR_NONCE = 1_000_000


@dataclass(frozen=True)
class Books:
    """Everything that could have moved: the last number, and every balance."""

    last_sequence: int
    balances: tuple[tuple[str, int], ...]

    @classmethod
    def read(cls, database: Database, municipality: Municipality) -> "Books":
        """Read them in one transaction."""
        with database.transaction() as connection:
            head = connection.execute(
                "SELECT last_sequence FROM journal_head WHERE municipality = %s", [municipality.code]
            ).fetchone()
            rows = connection.execute(
                """SELECT account || ' ' || kind || ' ' || expiry_s || ' ' || fund AS place, amount FROM balance
                   WHERE municipality = %s AND amount > 0 ORDER BY place""",
                [municipality.code],
            ).fetchall()
        return cls(head["last_sequence"] if head else 0, tuple((row["place"], row["amount"]) for row in rows))


class Trouble:
    """One honest resident, another one, two shops, and the cases with them."""

    def __init__(
        self, town: Town, resident: Resident, other: Resident, shop: Shop, second_shop: Shop
    ) -> None:
        self._town = town
        self._resident = resident
        self._other = other
        self._shop = shop
        self._second_shop = second_shop
        self.refused = 0

    def cases(self) -> list[tuple[str, Callable[[], object]]]:
        """Yield the code that each case must be refused with, and the case."""
        return [
            ("signature_invalid", self._forged_signature),
            ("signature_invalid", self._twin_signature),
            ("signature_invalid", self._changed_amount),
            ("checkout_unknown", self._unknown_checkout),
            ("checkout_mismatch", self._smaller_amount_for_a_checkout),
            ("checkout_mismatch", self._other_shop_for_a_checkout),
            ("checkout_paid", self._paid_checkout),
            ("authorization_for_other_checkout", self._one_authorization_for_two_checkouts),
            ("nonce_used", self._used_nonce),
            ("nonce_out_of_window", self._far_nonce),
            ("authorization_not_yet_valid", lambda: self._with_times(valid_after_s=self._now_s() + 60)),
            ("authorization_expired", lambda: self._with_times(valid_before_s=self._now_s() - 1)),
            ("holder_unknown", self._unregistered_payer),
            ("self_transfer", self._send_to_oneself),
            ("merchant_not_registered", self._unregistered_payee),
            ("insufficient_balance", self._too_much),
            ("charge_unit", lambda: self._charge(1_234)),
            ("charge_limit", lambda: self._charge(self._town.program.charge.max_yen_per_charge * 2)),
            ("reference_used", self._slip_twice),
        ]

    def run(self) -> None:
        """Try every case.

        Raises:  RuntimeError, if one is accepted, refused with another code, or moved something.
        """
        for code, case in self.cases():
            before = Books.read(self._town.database, self._town.municipality)
            self._must_be_refused(code, case)
            self.refused += 1
            if Books.read(self._town.database, self._town.municipality) != before:
                raise RuntimeError(f"{code}: refused, but something moved")

    @staticmethod
    def _must_be_refused(code: str, case: Callable[[], object]) -> None:
        try:
            case()
        except CoinError as error:
            if error.code != code:
                raise RuntimeError(f"expected {code}, got {error.code}") from error
            return
        raise RuntimeError(f"{code}: accepted")

    # ------------------------------------------------------------ wrong signatures

    def _open(self, amount_yen: int = 100, shop: Shop | None = None) -> Checkout:
        return (shop or self._shop).till.open_checkout(amount_yen)

    def _signed(self, checkout: Checkout, by: Resident | None = None) -> Authorization:
        wallet = (by or self._resident).wallet
        return wallet.authorize(checkout.merchant.address, checkout.amount_yen, checkout.id)

    def _forged_signature(self) -> object:
        signed = self._signed(self._open())
        forged = Key.create().sign(signed.payment)
        return self._resident.wallet.submit(replace(signed, signature=forged))

    def _twin_signature(self) -> object:
        signed = self._signed(self._open())
        r, s, v = signed.signature[:32], int.from_bytes(signed.signature[32:64], "big"), signed.signature[64]
        twin = r + (CURVE_ORDER - s).to_bytes(32, "big") + bytes([55 - v])
        return self._resident.wallet.submit(replace(signed, signature=twin))

    def _changed_amount(self) -> object:
        signed = self._signed(self._open())
        return self._resident.wallet.submit(replace(signed, amount_yen=1))

    # ------------------------------------------------------------ wrong checkouts

    def _unknown_checkout(self) -> object:
        signed = self._signed(self._open())
        return self._resident.wallet.submit(replace(signed, checkout="0" * 26))

    def _smaller_amount_for_a_checkout(self) -> object:
        checkout = self._open()
        signed = self._resident.wallet.authorize(checkout.merchant.address, 1, checkout.id)
        return self._resident.wallet.submit(signed)

    def _other_shop_for_a_checkout(self) -> object:
        checkout = self._open()
        signed = self._resident.wallet.authorize(
            self._second_shop.key.address, checkout.amount_yen, checkout.id
        )
        return self._resident.wallet.submit(signed)

    def _paid_checkout(self) -> object:
        return self._other.wallet.submit(self._signed(self._paid, by=self._other))

    def _one_authorization_for_two_checkouts(self) -> object:
        return self._resident.wallet.submit(replace(self._accepted, checkout=self._open().id))

    def prepare(self) -> None:
        """Make one honest payment, which some of the cases use; the same bytes again get the same receipt."""
        self._paid = self._open()
        self._accepted = self._signed(self._paid)
        first = self._resident.wallet.submit(self._accepted)
        again = self._resident.wallet.submit(self._accepted)
        if first.receipt != again.receipt:
            raise RuntimeError("the same payment got two receipts")

    # ------------------------------------------------------------ nonces, times, accounts

    def _now_s(self) -> int:
        return self._town.clock.now_ms() // 1000

    def _resigned(self, signed: Authorization, key: Key | None = None) -> Authorization:
        return Authorization.sign(
            self._resident.wallet.town,
            key or self._resident.key,
            payee=signed.payee,
            amount_yen=signed.amount_yen,
            checkout=signed.checkout,
            nonce=signed.nonce,
            valid_before_s=signed.valid_before_s,
            valid_after_s=signed.valid_after_s,
        )

    def _used_nonce(self) -> object:
        signed = replace(self._signed(self._open(101)), nonce=self._accepted.nonce)
        return self._resident.wallet.submit(self._resigned(signed))

    def _far_nonce(self) -> object:
        signed = replace(self._signed(self._open()), nonce=_FAR_NONCE)
        return self._resident.wallet.submit(self._resigned(signed))

    def _with_times(self, *, valid_after_s: int = 0, valid_before_s: int | None = None) -> object:
        signed = self._signed(self._open())
        before_s = signed.valid_before_s if valid_before_s is None else valid_before_s
        changed = replace(signed, valid_after_s=valid_after_s, valid_before_s=before_s)
        return self._resident.wallet.submit(self._resigned(changed))

    def _unregistered_payer(self) -> object:
        stranger = Key.create()
        signed = replace(self._signed(self._open()), nonce=0)
        return self._other.wallet.submit(self._resigned(signed, stranger))

    def _send_to_oneself(self) -> object:
        return self._resident.wallet.send(self._resident.key.address, 100)

    def _unregistered_payee(self) -> object:
        return self._resident.wallet.send(Key.create().address, 100)

    def _too_much(self) -> object:
        limit_yen = self._town.program.limits.payment_yen
        return self._resident.wallet.pay_checkout(self._open(limit_yen))

    # ------------------------------------------------------------ charges

    def _charge(self, coins: int, slip: str | None = None) -> object:
        channel = next(iter(self._town.keys.channels.values()))
        request = Charge(self._resident.key.address, coins, slip)
        with self._town.books() as books:
            return charge(books, channel, request, actor="demo")

    def _slip_twice(self) -> object:
        return self._charge(self._town.program.charge.unit_yen, slip="slip 0")


def race(resident: Resident, shops: tuple[Shop, Shop]) -> None:
    """Two phones of one person spend the same money at two shops at once: exactly one may succeed.

    Raises:  RuntimeError, if both or none were accepted.
    """
    everything = resident.wallet.balance().total_yen
    orders = [shop.till.open_checkout(everything) for shop in shops]
    phones = (resident.wallet, Wallet(resident.gateway, resident.key, device="second phone"))
    signed = [
        phone.authorize(item.merchant.address, everything, item.id)
        for phone, item in zip(phones, orders, strict=True)
    ]

    def outcome(phone: Wallet, authorization: Authorization) -> str:
        try:
            phone.submit(authorization)
        except Rejected as refusal:
            return refusal.code
        return "accepted"

    with ThreadPoolExecutor(2) as hands:
        outcomes = sorted(hands.map(outcome, phones, signed))
    if outcomes != ["accepted", "insufficient_balance"]:
        raise RuntimeError(f"two phones on one balance: {outcomes}")
