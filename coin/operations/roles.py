"""Changes roles, allowances and caps: two staff sign. The contract's constructor names the first staff.

Role 0 revokes, 1 staff, 2 channel (allowance per day), 3 cashier, 4 grants, 5 opens a period, 6 changes its cap.
Source:  docs/formats.md §3 (14).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from coin import messages
from coin.clock import jst_day
from coin.database.database import Conn
from coin.errors import Conflict, InvalidInput, Rejected, Rejection
from coin.formats import MAX_TOTAL_YEN, MINIMUM_STAFF
from coin.ledger.journal_head import Head
from coin.ledger.posting import Posted
from coin.messages import checksum_address, parse_address
from coin.operations.operation import Case, Entry, Operation, Signing
from coin.records.kinds import Kind
from coin.registry import audit
from coin.registry.books import Books
from coin.registry.signers import SignerRole
from coin.signatures import Signature

PERIOD_OPENS = 5
PERIOD_CAP = 6
NO_ACCOUNT = bytes(20)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Whether a period is open, and how many staff there will be."""

    is_period_open: bool
    staff_left: int


@dataclass(frozen=True, slots=True)
class RoleChange(messages.Role, Operation[_Facts]):
    """Gives or revokes a role, opens a period or changes its cap; `channel` is the id in program.toml, for role 2 only."""

    KIND = Kind.ROLE
    ACTION = "change_role"
    signatures: tuple[Signature, ...]
    channel: str | None = None

    def signing(self) -> Signing:
        """Two staff; a nonce of the first."""
        return Signing(self.signatures, self.nonce)

    def check(self, books: Books) -> None:
        """Refuse a channel that is missing, not allowed or not in the program.

        Raises:  InvalidInput; NotFound (`channel_unknown`).
        """
        if (self.channel is None) == (self.role == SignerRole.CHANNEL):
            raise InvalidInput(
                "channel は役割 2（チャージ窓口）のときだけ指定します。",
                "channel is needed for role 2, and for no other.",
                field="channel",
            )
        if self.channel is not None:
            books.municipality.program.channel(self.channel)

    def facts(self, case: Case) -> _Facts:
        """Return whether a period is open, and how many staff there will be."""
        row: dict[str, Any] | None = case.books.connection.execute(
            """SELECT EXISTS (SELECT FROM period WHERE municipality = %(municipality)s) AS is_period_open,
                      (SELECT count(*) FROM signer WHERE municipality = %(municipality)s AND role = %(staff)s
                       AND address <> %(account)s) AS others""",
            {"municipality": case.head.municipality_code, "staff": SignerRole.STAFF, "account": self.account},
        ).fetchone()
        found = row or {}
        return _Facts(found["is_period_open"], found["others"] + (self.role == SignerRole.STAFF))

    def refusals(self, case: Case, facts: _Facts) -> Iterator[Rejected]:  # noqa: ARG002
        """Yield the rejections: of the allowance, of the role and its account, of too few staff."""
        if not 0 <= self.allowance <= MAX_TOTAL_YEN:
            yield Rejected(Rejection.AMOUNT_INVALID, field="allowance")
        if (
            self.role > PERIOD_CAP
            or (self.account == NO_ACCOUNT) != (self.role in (PERIOD_OPENS, PERIOD_CAP))
            or (self.role == SignerRole.NONE and self.allowance)
            or (self.role == PERIOD_CAP and not facts.is_period_open)
        ):
            yield Rejected(Rejection.ROLE_INVALID, field="role")
        if facts.staff_left < MINIMUM_STAFF:
            yield Rejected(Rejection.STAFF_TOO_FEW, field="account")

    def remember(self, case: Case, facts: _Facts, posted: Posted, digest: bytes) -> Entry:  # noqa: ARG002
        """Store the signer's row, or the period's."""
        _write(case.books.connection, case.head, self)
        return Entry(
            checksum_address(self.account),
            {"role": self.role, "allowance": self.allowance, "channel": self.channel},
        )


def open_with_staff(books: Books, staff: Sequence[bytes], *, actor: str) -> None:
    """Store the staff of the contract's constructor; once, before anything else.

    Raises:  Conflict (`staff_exists`); InvalidInput, if there are fewer than two distinct addresses.
    """
    if len(set(staff)) < MINIMUM_STAFF or len(set(staff)) != len(staff):
        raise InvalidInput(
            "職員の鍵は2つ以上必要です。", "At least two distinct staff keys are needed.", field="staff"
        )
    connection, municipality_code = books.connection, books.municipality_code
    if connection.execute("SELECT 1 FROM signer WHERE municipality = %s", [municipality_code]).fetchone():
        raise Conflict("職員は登録済みです。", "The first staff are known already.", code="staff_exists")
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO signer (municipality, address, role, allowance) VALUES (%s, %s, %s, 0)",
            [(municipality_code, parse_address(address), SignerRole.STAFF) for address in staff],
        )
    audit.record(
        connection,
        municipality_code,
        at_ms=books.now_ms(),
        actor=actor,
        action="open_with_staff",
        subject="municipality",
        detail={"staff": [checksum_address(address) for address in staff]},
    )


def _write(connection: Conn, head: Head, message: RoleChange) -> None:
    if message.role == PERIOD_OPENS:
        connection.execute(
            """INSERT INTO period (municipality, cap, first_day) VALUES (%s, %s, %s)
               ON CONFLICT (municipality) DO UPDATE SET cap = excluded.cap, issued = 0, first_day = excluded.first_day""",
            [head.municipality_code, message.allowance, jst_day(head.accepted_at_ms // 1000)],
        )
    elif message.role == PERIOD_CAP:
        connection.execute(
            "UPDATE period SET cap = %s WHERE municipality = %s", [message.allowance, head.municipality_code]
        )
    else:
        connection.execute(
            """INSERT INTO signer (municipality, address, role, allowance, channel) VALUES (%s, %s, %s, %s, %s)
               ON CONFLICT (municipality, address) DO UPDATE
               SET role = excluded.role, allowance = excluded.allowance, channel = excluded.channel""",
            [head.municipality_code, message.account, message.role, message.allowance, message.channel],
        )
