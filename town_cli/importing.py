"""Registers the shops of a merchants.csv: two staff sign for each, and the whole file goes in or nothing of it.

Bank accounts are personal data: they go into the encrypted rows and nowhere else.
"""

from collections.abc import Mapping, Sequence

from coin.chain.records import MerchantStatus
from coin.clock import Clock
from coin.database.database import Database
from coin.errors import InvalidInput
from coin.ledger.posting import Posted
from coin.merchant_file import MerchantRow
from coin.messages import MERCHANT, parse_address
from coin.office.merchants import MerchantChange, MerchantFacts, import_merchants
from coin.registry.municipality import Municipality
from coin.registry.personal import PersonalData
from town_cli.signing import StaffPair, free_nonces


def import_rows(
    database: Database,
    municipality: Municipality,
    clock: Clock,
    staff: StaffPair,
    personal: PersonalData,
    rows: Sequence[MerchantRow],
    addresses: Mapping[int, bytes],
    *,
    actor: str,
) -> list[Posted]:
    """Register every shop with its address and its bank account, in one transaction.

    Shapes:  `addresses` by merchant number, for the rows that have none of their own.
    Raises:  InvalidInput (`address_missing`); Rejected. Then nothing was written.
    """
    with database.transaction() as connection:
        nonces = free_nonces(connection, municipality.code, staff.first.address)
        changes = [
            _signed(municipality, staff, row, _address(row, addresses), nonce)
            for row, nonce in zip(rows, nonces, strict=False)
        ]
        posted = import_merchants(connection, municipality, clock, changes, actor=actor)
        for row in rows:
            personal.put(connection, municipality.code, f"merchant:{row.number:06d}", _bank_account(row))
    return posted


def _signed(
    municipality: Municipality, staff: StaffPair, row: MerchantRow, address: bytes, nonce: int
) -> MerchantChange:
    status = MerchantStatus.OPEN
    words = MERCHANT.words(account=address, number=row.number, status=status, nonce=nonce)
    return MerchantChange(
        account=address,
        number=row.number,
        status=status,
        nonce=nonce,
        signatures=staff.sign(municipality.domain, MERCHANT, words),
        facts=MerchantFacts(row.name_ja, row.name_romaji, row.city_romaji, row.mcc),
    )


def _address(row: MerchantRow, addresses: Mapping[int, bytes]) -> bytes:
    if row.address is not None:
        return parse_address(row.address)
    if row.number not in addresses:
        raise InvalidInput(
            f"加盟店 {row.number:06d} のアドレスがありません。",
            f"Merchant {row.number:06d} has no address.",
            field="address",
            code="address_missing",
        )
    return addresses[row.number]


def _bank_account(row: MerchantRow) -> dict[str, str]:
    return {
        "bank_code": row.bank_code,
        "bank_name": row.bank_name,
        "branch_code": row.branch_code,
        "branch_name": row.branch_name,
        "account_type": str(row.account_type.value),
        "account_number": row.account_number,
        "holder_kana": row.holder_kana,
    }
