"""The municipality: its rules, its contract, the addresses of its keys.

Each process reads the rules from program.toml. The books keep the digest of the file in force, so that no two processes work
with different rules.
"""

from dataclasses import dataclass, replace

from coin.clock import Clock
from coin.core import keccak256
from coin.database.database import Conn
from coin.errors import Conflict, NotFound
from coin.ledger.accounts import AccountClass, ensure_account, ensure_accounts
from coin.messages import Domain, parse_address
from coin.program import Program
from coin.registry import slip_key


@dataclass(frozen=True)
class Deployment:
    """The address of the municipality's contract, and the addresses of the town's keys."""

    chain_id: int
    contract: bytes
    settler: bytes
    receipt_key: bytes
    deployed_at_ms: int


@dataclass(frozen=True)
class Municipality:
    """A municipality with the rules in force."""

    code: str
    name: str
    is_demo: bool
    program: Program
    domain: Domain
    settler: bytes
    receipt_key: bytes
    deployed_at_ms: int


@dataclass(frozen=True, slots=True)
class Pin:
    """The pinned chain, contract and receipts key of a town, stored where the owner of the database cannot write."""

    chain_id: int
    contract: bytes
    receipt_key: bytes

    @classmethod
    def of(cls, municipality: Municipality) -> "Pin":
        """Return the values in the books."""
        domain = municipality.domain
        return cls(domain.chain_id, domain.verifying_contract, municipality.receipt_key)

    def applied_to(self, municipality: Municipality) -> Municipality:
        """Return the municipality with the pinned values, whatever its row says."""
        domain = replace(municipality.domain, chain_id=self.chain_id, verifying_contract=self.contract)
        return replace(municipality, domain=domain, receipt_key=self.receipt_key)


def create(
    connection: Conn, program: Program, deployment: Deployment, *, clock: Clock | None = None
) -> Municipality:
    """Create the books of a municipality: its row, the head of its journal, funds and the town's own accounts.

    Raises:  Conflict (`municipality_exists`).
    """
    municipality_code = program.municipality.code
    now_ms = clock.now_ms() if clock is not None else deployment.deployed_at_ms
    inserted = connection.execute(
        """INSERT INTO municipality (code, name, is_demo, program_digest, chain_id, contract, settler, receipt_key,
                                     deployed_at_ms)
           VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING code""",
        [
            municipality_code,
            program.municipality.name_ja,
            program.municipality.is_demo,
            keccak256(program.source),
            deployment.chain_id,
            parse_address(deployment.contract),
            parse_address(deployment.settler),
            parse_address(deployment.receipt_key),
            deployment.deployed_at_ms,
        ],
    ).fetchone()
    if inserted is None:
        raise Conflict(
            "この市町村は登録済みです。", "The municipality exists already.", code="municipality_exists"
        )
    connection.execute(
        "INSERT INTO journal_head (municipality, last_accepted_at_ms) VALUES (%s, %s)",
        [municipality_code, now_ms],
    )
    _open_accounts(connection, program)
    slip_key.create(connection, municipality_code)
    return load(connection, municipality_code, program)


def load(connection: Conn, municipality_code: str, program: Program) -> Municipality:
    """Return the municipality of that code, with `program` as its rules.

    Raises:  NotFound (`municipality_unknown`); Conflict (`program_differs`), if other rules are in force.
    """
    row = connection.execute("SELECT * FROM municipality WHERE code = %s", [municipality_code]).fetchone()
    if row is None:
        raise NotFound("この市町村はありません。", "No such municipality.", code="municipality_unknown")
    if row["program_digest"] != keccak256(program.source) or program.municipality.code != municipality_code:
        raise Conflict(
            "program.toml が現在の決まりと違います。",
            "program.toml is not the one in force.",
            code="program_differs",
        )
    return Municipality(
        code=municipality_code,
        name=row["name"],
        is_demo=row["is_demo"],
        program=program,
        domain=Domain.for_municipality(municipality_code, row["chain_id"], row["contract"]),
        settler=row["settler"],
        receipt_key=row["receipt_key"],
        deployed_at_ms=row["deployed_at_ms"],
    )


def _open_accounts(connection: Conn, program: Program) -> None:
    municipality_code = program.municipality.code
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO fund (municipality, id, position, budget) VALUES (%s, %s, %s, %s)",
            [(municipality_code, fund.id, fund.order, fund.budget_yen) for fund in program.funds],
        )
    ensure_accounts(
        connection, municipality_code, AccountClass.CASH, [channel.id for channel in program.channels]
    )
    ensure_accounts(
        connection, municipality_code, AccountClass.POINT_EXPENSE, [fund.id for fund in program.funds]
    )
    ensure_account(connection, municipality_code, AccountClass.EXPIRED_INCOME, "")
