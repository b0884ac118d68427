"""Signers: addresses with a role (staff, channel, cashier, grants), their allowance and their window of nonces.

The chain has the same facts; every change here goes with a record (coin.operations.roles).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from coin.database.database import Conn
from coin.errors import Rejected, Rejection
from coin.formats import SIGNER_WINDOW
from coin.registry.windows import window_after, window_refusal


class SignerRole(IntEnum):
    """What an address may sign; the numbers are those of the contract."""

    NONE = 0
    STAFF = 1
    CHANNEL = 2
    CASHIER = 3
    GRANTS = 4


@dataclass(frozen=True, slots=True)
class Signer:
    """An address that has or had a role; character i of `nonce_map` is nonce_base + i."""

    address: bytes
    role: SignerRole
    allowance: int
    channel: str | None
    nonce_base: int = 0
    nonce_map: str = "0" * SIGNER_WINDOW


def find(connection: Conn, municipality_code: str, address: bytes) -> Signer:
    """Return the signer of that address; one without a role, if it never had any."""
    row = connection.execute(
        """SELECT address, role, allowance, channel, nonce_base, nonce_map FROM signer
           WHERE municipality = %s AND address = %s""",
        [municipality_code, address],
    ).fetchone()
    if row is None:
        return Signer(address, SignerRole.NONE, 0, None)
    return Signer(**{**row, "role": SignerRole(row["role"])})


def demand_role(signer: Signer, role: SignerRole) -> None:
    """Refuse a signer with another role or none.

    Raises:  Rejected (`signer_not_authorized`).
    """
    if signer.role is not role:
        raise Rejected(Rejection.SIGNER_NOT_AUTHORIZED, field="signer")


def demand_nonce(signer: Signer, nonce: int) -> None:
    """Refuse a nonce that the signer cannot use.

    Raises:  Rejected (`nonce_out_of_window`, `nonce_used`).
    """
    reason = window_refusal(signer.nonce_base, signer.nonce_map, nonce)
    if reason is not None:
        raise Rejected(reason, field="nonce")


def use_nonce(connection: Conn, municipality_code: str, signer: Signer, nonce: int) -> None:
    """Use up a nonce after `demand_nonce`."""
    base, used = window_after(signer.nonce_base, signer.nonce_map, nonce)
    connection.execute(
        """UPDATE signer SET nonce_base = %s, nonce_map = %s::text::bit(128)
           WHERE municipality = %s AND address = %s""",
        [base, used, municipality_code, signer.address],
    )


def lowest_free_nonces(signer: Signer, count: int) -> list[int]:
    """Return the lowest nonces that the signer can use now, at most `count`."""
    free = [signer.nonce_base + place for place, mark in enumerate(signer.nonce_map) if mark == "0"]
    return free[:count]


def free_nonces(connection: Conn, municipality_code: str, address: bytes) -> Iterator[int]:
    """Yield the nonces that this signer may use next, in order; endless, because using them moves the window."""
    signer = find(connection, municipality_code, address)
    yield from lowest_free_nonces(signer, len(signer.nonce_map))
    nonce = signer.nonce_base + len(signer.nonce_map)
    while True:
        yield nonce
        nonce += 1
