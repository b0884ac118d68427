"""Registers shops, closes and reopens them, and replaces their keys: two staff sign. Source: docs/formats.md §3 (11).

A number, and its account in the books, stays with its shop for ever: when a key is replaced, the money stays in the account
and only the address changes. An old address is never used again.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from coin import messages
from coin.errors import CoinError, InvalidInput, InvariantBroken, Rejected, Rejection
from coin.formats import MAX_MERCHANT_NUMBER
from coin.ledger.accounts import AccountClass, ensure_account
from coin.ledger.posting import Posted
from coin.messages import MerchantStatus
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.records.kinds import Kind
from coin.registry import audit, merchants
from coin.registry.books import Books
from coin.registry.personal import PersonalData
from coin.shop_facts import NO_BANK_HASH, bank_hash, facts_hash
from coin.signatures import Signature


@dataclass(frozen=True, slots=True)
class MerchantFacts:
    """The facts about a shop: names (ASCII for the QR code), a category of four digits, the hash of its bank account."""

    name: str
    name_romaji: str
    city_romaji: str
    category: str
    bank_hash: bytes = NO_BANK_HASH

    @property
    def facts_hash(self) -> bytes:
        """The hash that two staff sign."""
        return facts_hash(self.name, self.name_romaji, self.city_romaji, self.category, self.bank_hash)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The present holders of the number and of the address, and the facts of the number's shop."""

    holder_of_number: bytes | None
    number_of_address: int | None
    facts_hash: bytes | None
    is_retired: bool
    is_wallet: bool


@dataclass(frozen=True, slots=True)
class MerchantChange(messages.Merchant, Operation[_Facts]):
    """Registers a shop, closes or reopens it, or gives its number to a new address; with `shop` for a new shop or changed
    public facts."""

    KIND = Kind.MERCHANT
    ACTION = "change_merchant"
    signatures: tuple[Signature, ...]
    shop: MerchantFacts | None = None

    def signing(self) -> Signing:
        """Two staff; a nonce of the first."""
        return Signing(self.signatures, self.nonce)

    def facts(self, case: Case) -> _Facts:
        """Return the present holders of the number and of the address."""
        return _present(case.books, self)

    def refusals(self, case: Case, facts: _Facts) -> Iterator[CoinError]:  # noqa: ARG002
        """Yield the rejections: of the number, the address, the status; then a new shop without public facts."""
        if not 1 <= self.number <= MAX_MERCHANT_NUMBER or facts.number_of_address not in (None, self.number):
            yield Rejected(Rejection.MERCHANT_NUMBER_INVALID, field="number")
        if facts.is_retired or facts.is_wallet or not any(self.account):
            yield Rejected(Rejection.ADDRESS_IN_USE, field="account")
        if self.status not in (MerchantStatus.OPEN, MerchantStatus.CLOSED):
            yield Rejected(Rejection.STATUS_INVALID, field="status")
        if facts.holder_of_number is None and self.shop is None:
            yield InvalidInput(
                "新しい加盟店には名称などが必要です。", "A new merchant needs its facts.", field="facts"
            )
        elif self.facts_hash != (self.shop.facts_hash if self.shop else facts.facts_hash):
            yield InvalidInput(
                "署名された名称・口座と違います。",
                "Names or account are not those that were signed.",
                field="facts",
            )

    def context(self, facts: _Facts) -> bytes:
        """Return the address that loses the number; empty, if none does."""
        return self._replaced(facts) or b""

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Store the shop's row, and the address that is retired."""
        replaced = self._replaced(facts)
        if facts.holder_of_number is None:
            _insert(case.books, self)
        else:
            _update(case.books, self, replaced)
        return Entry(
            f"merchant:{self.number:06d}",
            {"status": self.status, "is_key_replaced": replaced is not None},
        )

    def _replaced(self, facts: _Facts) -> bytes | None:
        return facts.holder_of_number if facts.holder_of_number != self.account else None


def write_bank_account(
    books: Books, personal: PersonalData, number: int, salt: bytes, account: Mapping[str, str], *, actor: str
) -> None:
    """Store the bank account that two staff have signed for a shop, encrypted, with the salt of its hash. The audit row says
    that it was written, but not the account.

    Raises:  InvariantBroken, if it is another account than they signed.
    """
    if merchants.by_number(books, number).bank_hash != bank_hash(salt, account):
        raise InvariantBroken(f"the bank account of shop {number:06d} is not the one that two staff signed")
    kept = {**account, "salt": salt.hex()}
    personal.put(books.connection, books.municipality_code, f"merchant:{number:06d}", kept)
    audit.record(
        books.connection,
        books.municipality_code,
        at_ms=books.now_ms(),
        actor=actor,
        action="write_bank_account",
        subject=f"merchant:{number:06d}",
    )


def _present(books: Books, change: MerchantChange) -> _Facts:
    row: dict[str, Any] | None = books.connection.execute(
        """SELECT (SELECT address FROM merchant WHERE municipality = %(municipality)s AND number = %(number)s) AS holder_of_number,
                  (SELECT number FROM merchant WHERE municipality = %(municipality)s AND address = %(account)s) AS number_of_address,
                  (SELECT number FROM retired_merchant_address WHERE municipality = %(municipality)s AND address = %(account)s)
                      AS retired_number,
                  EXISTS (SELECT FROM wallet WHERE municipality = %(municipality)s AND address = %(account)s) AS is_wallet""",
        {
            "municipality": books.municipality_code,
            "number": min(change.number, MAX_MERCHANT_NUMBER + 1),
            "account": change.account,
        },
    ).fetchone()
    found = row or {}
    return _Facts(
        holder_of_number=found["holder_of_number"],
        facts_hash=_kept_facts(books, change.number) if found["holder_of_number"] else None,
        number_of_address=found["number_of_address"] or found["retired_number"],
        is_retired=found["retired_number"] is not None,
        is_wallet=found["is_wallet"],
    )


def _kept_facts(books: Books, number: int) -> bytes:
    return merchants.by_number(books, number).facts_hash


def _update(books: Books, change: MerchantChange, replaced: bytes | None) -> None:
    connection, municipality_code = books.connection, books.municipality_code
    key = {"municipality": municipality_code, "number": change.number, "address": change.account}
    if replaced is not None:
        connection.execute(
            "INSERT INTO retired_merchant_address (municipality, address, number) VALUES (%s, %s, %s)",
            [municipality_code, replaced, change.number],
        )
        connection.execute(
            """UPDATE merchant SET address = %(address)s, nonce_base = 0, nonce_map = repeat('0', 128)::bit(128)
               WHERE municipality = %(municipality)s AND number = %(number)s""",
            key,
        )
    connection.execute(
        "UPDATE merchant SET is_open = %(is_open)s WHERE municipality = %(municipality)s AND number = %(number)s",
        {**key, "is_open": change.status == MerchantStatus.OPEN},
    )
    if change.shop is not None:
        connection.execute(
            """UPDATE merchant SET name = %(name)s, name_romaji = %(name_romaji)s, city_romaji = %(city_romaji)s,
                                   category = %(category)s, bank_hash = %(bank_hash)s
               WHERE municipality = %(municipality)s AND number = %(number)s""",
            {**key, **_columns(change.shop)},
        )


def _insert(books: Books, change: MerchantChange) -> None:
    if change.shop is None:
        raise InvalidInput("名称などが必要です。", "Facts are needed.", field="facts")
    account = ensure_account(
        books.connection, books.municipality_code, AccountClass.MERCHANT, f"{change.number:06d}"
    )
    books.connection.execute(
        """INSERT INTO merchant (municipality, number, address, account, is_open, name, name_romaji, city_romaji, category,
                                 bank_hash)
           VALUES (%(municipality)s, %(number)s, %(address)s, %(account)s, %(is_open)s, %(name)s, %(name_romaji)s,
                   %(city_romaji)s, %(category)s, %(bank_hash)s)""",
        {
            "municipality": books.municipality_code,
            "number": change.number,
            "address": change.account,
            "account": account.id,
            "is_open": change.status == MerchantStatus.OPEN,
            **_columns(change.shop),
        },
    )


def _columns(facts: MerchantFacts) -> dict[str, str | bytes]:
    return {
        "name": facts.name,
        "name_romaji": facts.name_romaji,
        "city_romaji": facts.city_romaji,
        "category": facts.category,
        "bank_hash": facts.bank_hash,
    }
