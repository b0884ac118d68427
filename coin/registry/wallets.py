"""Wallets: registered addresses, their state, and the nonces leased to their devices.

A wallet's nonce window has the same form as on the chain. Two devices of a wallet never get the same nonce of the window
while an authorization signed with it may still be valid.
"""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from coin.errors import Conflict, InvalidInput, NotFound, Rejected, Rejection
from coin.formats import HOLDER_WINDOW, LAST_WINDOWED_NONCE
from coin.ledger.accounts import AccountClass, ensure_accounts
from coin.messages import checksum_address, parse_address
from coin.registry import quotas
from coin.registry.books import Books

AUTHORIZATION_LIFE_MS = 12 * 3600 * 1000
"""What wallets sign: validBefore = now + 12 h."""
MAX_LEASE = 32
_READ: LiteralString = """SELECT address, account, registered_at_ms, closed AS is_closed, frozen_until_s, exit_at_s,
                                 in_incident AS is_in_incident, nonce_base, nonce_map
                          FROM wallet WHERE municipality = %s AND address = %s"""


@dataclass(frozen=True, slots=True)
class Wallet:
    """A registered address and its state; bit i of `nonce_map` is nonce_base + i."""

    address: bytes
    account: UUID
    registered_at_ms: int
    is_closed: bool
    frozen_until_s: int
    exit_at_s: int | None
    is_in_incident: bool
    nonce_base: int
    nonce_map: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Nonces for one device, which may sign with them until `until_ms`."""

    nonces: tuple[int, ...]
    until_ms: int


def register(books: Books, address: bytes) -> Wallet:
    """Register an address; idempotent.

    Raises:  Rejected (`holder_is_merchant`), if the address is or was a merchant's.
    """
    return register_many(books, [address])[0]


def register_many(books: Books, addresses: list[bytes]) -> list[Wallet]:
    """Register many addresses, all or none; registered ones stay as they are.

    Raises:  as `register`.
    """
    municipality_code = books.municipality_code
    # The journal head's lock serializes this with the registration of a merchant at the same address.
    books.connection.execute(
        "SELECT 1 FROM journal_head WHERE municipality = %s FOR NO KEY UPDATE", [municipality_code]
    )
    if is_merchant(books, addresses):
        raise Rejected(Rejection.HOLDER_IS_MERCHANT, field="address")
    names = {address: checksum_address(parse_address(address)) for address in addresses}
    accounts = ensure_accounts(books.connection, municipality_code, AccountClass.HOLDER, list(names.values()))
    books.connection.execute(
        """INSERT INTO wallet (municipality, address, account, registered_at_ms)
           SELECT %s, address, account, %s FROM unnest(%s::bytea[], %s::uuid[]) AS new (address, account)
           ON CONFLICT DO NOTHING""",
        [municipality_code, books.now_ms(), list(names), [accounts[name].id for name in names.values()]],
    )
    return [get(books, address) for address in addresses]


def is_merchant(books: Books, addresses: list[bytes]) -> bool:
    """Return whether one of the addresses is a shop's, or was."""
    row = books.connection.execute(
        """SELECT 1 FROM merchant WHERE municipality = %(municipality)s AND address = ANY (%(addresses)s)
           UNION ALL
           SELECT 1 FROM retired_merchant_address WHERE municipality = %(municipality)s AND address = ANY (%(addresses)s)""",
        {"municipality": books.municipality_code, "addresses": addresses},
    ).fetchone()
    return row is not None


def get(books: Books, address: bytes) -> Wallet:
    """Return the wallet of that address.

    Raises:  NotFound (`wallet_unknown`).
    """
    return _wallet(books, address, _READ)


def between(books: Books, first: bytes, last: bytes) -> list[bytes]:
    """Return the registered addresses from `first` to `last`, at most two: whoever asks wants one."""
    rows = books.connection.execute(
        "SELECT address FROM wallet WHERE municipality = %s AND address BETWEEN %s AND %s ORDER BY address LIMIT 2",
        [books.municipality_code, first, last],
    )
    return [bytes(row["address"]) for row in rows]


def _wallet(books: Books, address: bytes, query: LiteralString) -> Wallet:
    row = books.connection.execute(query, [books.municipality_code, parse_address(address)]).fetchone()
    if row is None:
        raise NotFound(
            "登録されていないウォレットです。", "The wallet is not registered.", code="wallet_unknown"
        )
    return Wallet(**row)


def has_held_value(books: Books, wallet: Wallet) -> bool:
    """Return whether a wallet holds value or ever held any."""
    row = books.connection.execute(
        "SELECT 1 FROM balance WHERE municipality = %s AND account = %s LIMIT 1",
        [books.municipality_code, wallet.account],
    ).fetchone()
    return row is not None


def demand_value(books: Books, wallet: Wallet) -> None:
    """Check that a wallet has held value: making one is free, and one without value needs nothing of the town yet.

    Raises:  Rejected (`holder_without_value`).
    """
    if not has_held_value(books, wallet):
        raise Rejected(Rejection.HOLDER_WITHOUT_VALUE)


def lease_nonces(books: Books, address: bytes, *, device: str, count: int) -> Lease:
    """Lease `count` free nonces of a wallet to one of its devices, lowest first.

    A device gets its unused leased nonces again. A lease ends 12 h after the last moment at which the device may sign with
    it, so that no two devices ever have valid authorizations with the same nonce.

    Raises:  InvalidInput, if count is not 1 … 32; Conflict (`nonces_exhausted`), if the window has too few free nonces;
             Rejected (`holder_without_value`); QuotaUsed.
    """
    if not 1 <= count <= MAX_LEASE or not 1 <= len(device) <= 64:
        raise InvalidInput(
            f"count は 1 から {MAX_LEASE} まで、device は 1 から 64 文字です。",
            f"count is 1 to {MAX_LEASE}, device has 1 to 64 characters.",
            field="count" if 1 <= len(device) <= 64 else "device",
        )
    wallet = _wallet(books, address, _READ + " FOR NO KEY UPDATE")
    demand_value(books, wallet)
    quotas.take(books, quotas.of_wallet(address), quotas.Deed.LEASE, quotas.LEASES_OF_WALLET)
    now_ms = books.now_ms()
    _drop_lapsed(books, wallet, now_ms)
    nonces = _lowest_free(books, wallet, device, count)
    until_ms = now_ms + AUTHORIZATION_LIFE_MS
    with books.connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO nonce_lease (municipality, wallet, nonce, device, until_ms) VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (municipality, wallet, nonce) DO UPDATE SET until_ms = excluded.until_ms""",
            [
                (books.municipality_code, address, nonce, device, until_ms + AUTHORIZATION_LIFE_MS)
                for nonce in nonces
            ],
        )
    return Lease(tuple(nonces), until_ms)


def _drop_lapsed(books: Books, wallet: Wallet, now_ms: int) -> None:
    books.connection.execute(
        """DELETE FROM nonce_lease
           WHERE municipality = %s AND wallet = %s AND (until_ms <= %s OR nonce < %s)""",
        [books.municipality_code, wallet.address, now_ms, wallet.nonce_base],
    )


def _lowest_free(books: Books, wallet: Wallet, device: str, count: int) -> list[int]:
    rows = books.connection.execute(
        "SELECT nonce FROM nonce_lease WHERE municipality = %s AND wallet = %s AND device <> %s",
        [books.municipality_code, wallet.address, device],
    )
    taken = {row["nonce"] for row in rows}
    free = [
        nonce
        for place, nonce in enumerate(range(wallet.nonce_base, wallet.nonce_base + HOLDER_WINDOW))
        if wallet.nonce_map[place] == "0" and nonce not in taken and nonce <= LAST_WINDOWED_NONCE
    ]
    if len(free) < count:
        raise Conflict(
            "使える支払い番号が足りません。しばらくしてからお試しください。",
            "The window has too few free nonces; try again later.",
            field="count",
            code="nonces_exhausted",
        )
    return free[:count]
