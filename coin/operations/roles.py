"""Gives and takes roles, allowances and caps: two staff sign; the first staff are the contract's own from its start.

Role 0 revokes, 1 staff, 2 channel (allowance per day), 3 cashier, 4 grants, 5 opens a period, 6 changes its cap.
Source: docs/formats.md §3 (14).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from coin import messages
from coin.clock import Clock, jst_day
from coin.database.database import Conn
from coin.errors import Conflict, InvalidInput, Rejected, Rejection
from coin.ledger.journal_head import Head, numbering
from coin.ledger.posting import Posted, post
from coin.messages import checksum_address, parse_address
from coin.operations.signed import check_record, demand_two_staff
from coin.records.kinds import Kind
from coin.registry import audit, signers
from coin.registry.municipality import Municipality
from coin.registry.signers import SignerRole
from coin.signatures import Signature

PERIOD_OPENS = 5
PERIOD_CAP = 6
NO_ACCOUNT = bytes(20)
_MAX_ALLOWANCE = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class RoleChange(messages.Role):
    """A Role message with two signatures of staff; `channel` is the id in program.toml, for role 2 only."""

    signatures: tuple[Signature, ...]
    channel: str | None = None


def open_with_staff(
    connection: Conn, municipality: Municipality, clock: Clock, staff: Sequence[bytes], *, actor: str
) -> None:
    """Write down the staff that the contract was deployed with; once, before anything else.

    Raises:  Conflict (`staff_exists`); InvalidInput, if there are fewer than two distinct addresses.
    """
    if len(set(staff)) < 2 or len(set(staff)) != len(staff):
        raise InvalidInput(
            "職員の鍵は2つ以上必要です。", "At least two distinct staff keys are needed.", field="staff"
        )
    code = municipality.code
    if connection.execute("SELECT 1 FROM signer WHERE municipality = %s", [code]).fetchone():
        raise Conflict("職員は登録済みです。", "The first staff are known already.", code="staff_exists")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO signer (municipality, address, role, allowance) VALUES (%s, %s, %s, 0)",
            [(code, parse_address(address), SignerRole.STAFF) for address in staff],
        )
    audit.record(
        connection,
        code,
        at_ms=clock.now_ms(),
        actor=actor,
        action="open_with_staff",
        subject="municipality",
        detail={"staff": [checksum_address(address) for address in staff]},
    )


def change_role(
    connection: Conn, municipality: Municipality, clock: Clock, message: RoleChange, *, actor: str
) -> Posted:
    """Give or take a role, or open a period or change its cap.

    Raises:  Rejected; NotFound (`channel_unknown`); InvalidInput, if `channel` is missing or surplus.
    """
    _, record = check_record(municipality, message, message.signatures)
    _check_channel(municipality, message)
    with numbering(connection, municipality.code, clock) as head:
        first = demand_two_staff(connection, municipality, message.signatures, message.nonce)
        _demand_valid(connection, head.code, message)
        posted = post(connection, head, kind=Kind.ROLE, actor=actor, record=record)
        signers.use_nonce(connection, head.code, first, message.nonce)
        _write(connection, head, message)
    audit.record(
        connection,
        municipality.code,
        at_ms=posted.accepted_at_ms,
        actor=actor,
        action="change_role",
        subject=checksum_address(message.account),
        detail={
            "sequence": posted.sequence,
            "role": message.role,
            "allowance": message.allowance,
            "channel": message.channel,
        },
    )
    return posted


def _check_channel(municipality: Municipality, message: RoleChange) -> None:
    if (message.channel is None) == (message.role == SignerRole.CHANNEL):
        raise InvalidInput(
            "channel は役割 2（チャージ窓口）のときだけ指定します。",
            "channel goes with role 2, and with no other.",
            field="channel",
        )
    if message.channel is not None:
        municipality.program.channel(message.channel)


def _demand_valid(connection: Conn, code: str, message: RoleChange) -> None:
    is_period = message.role in (PERIOD_OPENS, PERIOD_CAP)
    is_open = (
        connection.execute("SELECT 1 FROM period WHERE municipality = %s", [code]).fetchone() is not None
    )
    if not 0 <= message.allowance <= _MAX_ALLOWANCE:
        raise Rejected(Rejection.AMOUNT_INVALID, field="allowance")
    if (
        message.role > PERIOD_CAP
        or (message.account == NO_ACCOUNT) != is_period
        or (message.role == SignerRole.NONE and message.allowance)
        or (message.role == PERIOD_CAP and not is_open)
    ):
        raise Rejected(Rejection.ROLE_INVALID, field="role")


def _write(connection: Conn, head: Head, message: RoleChange) -> None:
    if message.role == PERIOD_OPENS:
        connection.execute(
            """INSERT INTO period (municipality, cap, first_day) VALUES (%s, %s, %s)
               ON CONFLICT (municipality) DO UPDATE SET cap = excluded.cap, issued = 0, first_day = excluded.first_day""",
            [head.code, message.allowance, jst_day(head.accepted_at_ms // 1000)],
        )
    elif message.role == PERIOD_CAP:
        connection.execute(
            "UPDATE period SET cap = %s WHERE municipality = %s", [message.allowance, head.code]
        )
    else:
        connection.execute(
            """INSERT INTO signer (municipality, address, role, allowance, channel) VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (municipality, address) DO UPDATE
               SET role = excluded.role, allowance = excluded.allowance, channel = excluded.channel""",
            [head.code, message.account, message.role, message.allowance, message.channel],
        )
