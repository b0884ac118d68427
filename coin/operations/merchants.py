"""Registers shops, closes and reopens them, and replaces their keys: two staff sign. Source: docs/formats.md §3 (11).

A number stays with its shop for ever, and with it the shop's account: when a key is replaced the money stays where
it is and only the address changes. An old address is never used again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coin import messages
from coin.clock import Clock
from coin.database.database import Conn
from coin.errors import InvalidInput, Rejected, Rejection
from coin.ledger.accounts import AccountClass, ensure_account
from coin.ledger.journal_head import Head, numbering
from coin.ledger.posting import Posted, post
from coin.messages import MerchantStatus
from coin.operations.signed import check_record, demand_two_staff
from coin.records.kinds import Kind
from coin.registry import audit, signers
from coin.registry.municipality import Municipality
from coin.registry.personal import PersonalData
from coin.signatures import Signature

MAX_NUMBER = 999_999


@dataclass(frozen=True, slots=True)
class MerchantFacts:
    """What the public sees of a shop; ASCII names for the QR code, the category has four digits."""

    name: str
    name_romaji: str
    city_romaji: str
    category: str


@dataclass(frozen=True, slots=True)
class MerchantChange(messages.Merchant):
    """A Merchant message with two signatures of staff; `facts` at the first registration, or to change them."""

    signatures: tuple[Signature, ...]
    facts: MerchantFacts | None = None


@dataclass(frozen=True, slots=True)
class _Present:
    """Who holds the number and the address now."""

    holder_of_number: bytes | None
    number_of_address: int | None
    is_retired: bool
    is_wallet: bool


def change_merchant(
    connection: Conn, municipality: Municipality, clock: Clock, message: MerchantChange, *, actor: str
) -> Posted:
    """Register a shop, close or reopen it, or give its number to a new address.

    Raises:  Rejected; InvalidInput, if a new shop comes without facts; then nothing changed.
    """
    return import_merchants(connection, municipality, clock, [message], actor=actor)[0]


def import_merchants(
    connection: Conn,
    municipality: Municipality,
    clock: Clock,
    messages: Sequence[MerchantChange],
    *,
    actor: str,
) -> list[Posted]:
    """Carry out many changes in order, all or none (the caller's transaction is rolled back by what is raised).

    Raises:  as `change_merchant`, for the first that is refused.
    """
    with numbering(connection, municipality.code, clock) as head:
        return [_change(connection, municipality, head, message, actor) for message in messages]


def write_bank_account(
    connection: Conn,
    municipality: Municipality,
    clock: Clock,
    personal: PersonalData,
    number: int,
    account: Mapping[str, str],
    *,
    actor: str,
) -> None:
    """Keep where a shop is paid out to, encrypted; the audit row says that it was written, not what."""
    personal.put(connection, municipality.code, f"merchant:{number:06d}", account)
    audit.record(
        connection,
        municipality.code,
        at_ms=clock.now_ms(),
        actor=actor,
        action="write_bank_account",
        subject=f"merchant:{number:06d}",
    )


def _change(
    connection: Conn, municipality: Municipality, head: Head, message: MerchantChange, actor: str
) -> Posted:
    present = _present(connection, head.code, message)
    replaced = present.holder_of_number if present.holder_of_number != message.account else None
    _, record = check_record(municipality, message, message.signatures, context=replaced or b"")
    first = demand_two_staff(connection, municipality, message.signatures, message.nonce)
    _demand_valid(message, present)
    posted = post(connection, head, kind=Kind.MERCHANT, actor=actor, record=record)
    signers.use_nonce(connection, head.code, first, message.nonce)
    _write(connection, head, message, present, replaced)
    audit.record(
        connection,
        head.code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action="change_merchant",
        subject=f"merchant:{message.number:06d}",
        detail={
            "sequence": posted.sequence,
            "status": message.status,
            "is_key_replaced": replaced is not None,
        },
    )
    return posted


def _present(connection: Conn, code: str, message: MerchantChange) -> _Present:
    row: dict[str, Any] | None = connection.execute(
        """SELECT (SELECT address FROM merchant WHERE municipality = %(code)s AND number = %(number)s) AS holder_of_number,
                  (SELECT number FROM merchant WHERE municipality = %(code)s AND address = %(account)s) AS number_of_address,
                  (SELECT number FROM retired_merchant_address WHERE municipality = %(code)s AND address = %(account)s)
                      AS retired_number,
                  EXISTS (SELECT FROM wallet WHERE municipality = %(code)s AND address = %(account)s) AS is_wallet""",
        {"code": code, "number": min(message.number, MAX_NUMBER + 1), "account": message.account},
    ).fetchone()
    found = row or {}
    return _Present(
        holder_of_number=found["holder_of_number"],
        number_of_address=found["number_of_address"] or found["retired_number"],
        is_retired=found["retired_number"] is not None,
        is_wallet=found["is_wallet"],
    )


def _demand_valid(message: MerchantChange, present: _Present) -> None:
    if not 1 <= message.number <= MAX_NUMBER or present.number_of_address not in (None, message.number):
        raise Rejected(Rejection.MERCHANT_NUMBER_INVALID, field="number")
    if present.is_retired or present.is_wallet or not any(message.account):
        raise Rejected(Rejection.ADDRESS_IN_USE, field="account")
    if message.status not in (MerchantStatus.OPEN, MerchantStatus.CLOSED):
        raise Rejected(Rejection.STATUS_INVALID, field="status")
    if present.holder_of_number is None and message.facts is None:
        raise InvalidInput(
            "新しい加盟店には名称などが必要です。", "A new merchant needs its facts.", field="facts"
        )


def _write(
    connection: Conn, head: Head, message: MerchantChange, present: _Present, replaced: bytes | None
) -> None:
    key = {"code": head.code, "number": message.number, "address": message.account}
    is_open = message.status == MerchantStatus.OPEN
    if present.holder_of_number is None:
        _insert(connection, head, message, is_open)
        return
    if replaced is not None:
        connection.execute(
            "INSERT INTO retired_merchant_address (municipality, address, number) VALUES (%s, %s, %s)",
            [head.code, replaced, message.number],
        )
        connection.execute(
            """UPDATE merchant SET address = %(address)s, nonce_base = 0, nonce_map = repeat('0', 128)::bit(128)
               WHERE municipality = %(code)s AND number = %(number)s""",
            key,
        )
    connection.execute(
        "UPDATE merchant SET is_open = %(is_open)s WHERE municipality = %(code)s AND number = %(number)s",
        {**key, "is_open": is_open},
    )
    if message.facts is not None:
        connection.execute(
            """UPDATE merchant SET name = %(name)s, name_romaji = %(name_romaji)s, city_romaji = %(city_romaji)s,
                                   category = %(category)s
               WHERE municipality = %(code)s AND number = %(number)s""",
            {**key, **_columns(message.facts)},
        )


def _insert(connection: Conn, head: Head, message: MerchantChange, is_open: bool) -> None:
    if message.facts is None:
        raise InvalidInput("名称などが必要です。", "Facts are needed.", field="facts")
    account = ensure_account(connection, head.code, AccountClass.MERCHANT, f"{message.number:06d}")
    connection.execute(
        """INSERT INTO merchant (municipality, number, address, account, is_open, name, name_romaji, city_romaji, category)
           VALUES (%(code)s, %(number)s, %(address)s, %(account)s, %(is_open)s, %(name)s, %(name_romaji)s,
                   %(city_romaji)s, %(category)s)""",
        {
            "code": head.code,
            "number": message.number,
            "address": message.account,
            "account": account.id,
            "is_open": is_open,
            **_columns(message.facts),
        },
    )


def _columns(facts: MerchantFacts) -> dict[str, str]:
    return {
        "name": facts.name,
        "name_romaji": facts.name_romaji,
        "city_romaji": facts.city_romaji,
        "category": facts.category,
    }
