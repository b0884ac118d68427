"""Opens a town: deploys its contract and posts the first operations of its journal, by the rules of program.toml.

The constructor of the contract names the first staff. Everything after that (who may charge, how much, on which dates value
expires) is a record that two of them sign. The deployer has no rights afterwards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from coin.chain.deploy import Constitution, deploy
from coin.chain.rpc import Rpc
from coin.chain.transactions import chain_id
from coin.clock import Clock
from coin.database.database import Database
from coin.office.dates import open_dates
from coin.operations.perform import perform
from coin.operations.roles import NO_ACCOUNT, PERIOD_OPENS, RoleChange, open_with_staff
from coin.program import Program
from coin.registry import municipality as registry
from coin.registry.books import Books
from coin.registry.municipality import Deployment, Municipality
from coin.registry.signers import SignerRole, free_nonces
from coin.signatory import StaffPair


@dataclass(frozen=True)
class Offices:
    """The holders of all offices from the first day; secrets only of those that sign now on this machine."""

    deployer: bytes
    staff: StaffPair
    pauser: bytes
    settler: bytes
    receipts: bytes
    cashier: bytes
    grants: bytes
    channels: Mapping[str, bytes]


def open_town(database: Database, rpc: Rpc, clock: Clock, program: Program, offices: Offices) -> Municipality:
    """Deploy the contract, then open the books with all first operations in one transaction.

    Units:   `offices.deployer` is a secret of 32 bytes; all others but the staff are addresses.
    Raises:  Conflict (`municipality_exists`); Unavailable, if the node does not answer. If the books cannot be opened, the
             deployed contract stays empty and is never used.
    """
    constitution = Constitution(
        name=f"BandaiCoin {program.municipality.code}",
        settler=offices.settler,
        pauser=offices.pauser,
        staff=[offices.staff.first.address, offices.staff.second.address],
    )
    deployed = deploy(rpc, offices.deployer, constitution)
    deployment = Deployment(
        chain_id=chain_id(rpc),
        contract=deployed.address,
        settler=offices.settler,
        receipt_key=offices.receipts,
        deployed_at_ms=clock.now_ms(),
    )
    with database.transaction() as connection:
        municipality = registry.create(connection, program, deployment, clock=clock)
        books = Books(connection, municipality, clock)
        open_with_staff(books, constitution.staff, actor="bandai-town deploy")
        _open_journal(books, offices)
    return municipality


def _open_journal(books: Books, offices: Offices) -> None:
    pair = offices.staff
    municipality = books.municipality
    nonces = free_nonces(books.connection, municipality.code, pair.first.address)
    for account, role, allowance, channel in _roles(municipality.program, offices):
        right = RoleChange(account, role, allowance, pair.first.address, next(nonces), (), channel)
        change = replace(right, signatures=pair.sign(municipality.domain, right))
        perform(books, change, actor="bandai-town deploy")
    open_dates(books, pair, actor="bandai-town deploy")


def _roles(program: Program, offices: Offices) -> Iterator[tuple[bytes, int, int, str | None]]:
    yield NO_ACCOUNT, PERIOD_OPENS, program.period.cap_yen, None
    for channel in program.channels:
        yield offices.channels[channel.id], SignerRole.CHANNEL, channel.daily_allowance_yen, channel.id
    yield offices.cashier, SignerRole.CASHIER, 0, None
    yield offices.grants, SignerRole.GRANTS, 0, None
