"""The state of one gateway process: the books, the municipality, the clock, the receipts key, the queue, the streams."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from threading import Lock

from api.accept_queue import AcceptQueue
from api.settings import Settings
from api.watchers import Watchers
from coin.clock import Clock, open_clock
from coin.database.database import Database
from coin.keystore import read_key_file
from coin.operations.perform import Performed
from coin.payments import Outcome, Submission, accept
from coin.program import load_program
from coin.receipts import Receipt, ReceiptSigner
from coin.registry import municipality as municipalities
from coin.registry.books import Books, open_books
from coin.registry.municipality import Municipality
from coin.registry.personal import PersonalData, derived_key
from coin.reports.public_figures import PublicFigures, ended_day, last_confirmed, public_figures

POOL_SIZE = 12


@dataclass(frozen=True, repr=False)
class Gateway:
    """The state of one gateway process; `close` completes what is in the queue.

    `personal` seals what tills write on checkouts; `digest_key` is for digests of requests, which nobody can guess from.
    """

    database: Database
    municipality: Municipality
    clock: Clock
    queue: AcceptQueue
    watchers: Watchers
    personal: PersonalData
    digest_key: bytes
    receipt_signer: ReceiptSigner
    _figures: dict[tuple[date, int], PublicFigures] = field(default_factory=dict)
    _adding_up: Lock = field(default_factory=Lock)

    @classmethod
    def open(cls, settings: Settings, *, stop: Callable[[], None] | None = None) -> "Gateway":
        """Open the books that the settings name, with the rules in force.

        Raises:  InvalidInput (a setting, the rules or the key); Unavailable (the database);
                 NotFound and Conflict (the books, the rules or the receipts key are not the registered ones);
                 Forbidden (`demo_clock_refused`).
        """
        program = load_program(settings.program)
        key = read_key_file(settings.receipt_key_file)
        database = Database.open(settings.database_url, max_size=POOL_SIZE)
        try:
            with database.transaction() as connection:
                municipality = municipalities.load(connection, program.municipality.code, program)
            clock = open_clock(settings.clock_file, is_demo=municipality.is_demo)
            return cls.assemble(database, municipality, clock, key, stop=stop)
        except BaseException:
            database.close()
            raise

    @classmethod
    def assemble(
        cls,
        database: Database,
        municipality: Municipality,
        clock: Clock,
        receipt_key: bytes,
        *,
        stop: Callable[[], None] | None = None,
    ) -> "Gateway":
        """Build a gateway from an open database and keys; `stop` is called if an invariant of the books breaks.

        Raises:  InvalidInput (`receipt_key_differs`), if this is not the registered receipts key.
        """
        signer = ReceiptSigner(receipt_key)
        signer.demand(municipality.receipt_key)

        def decide(submitted: list[Submission]) -> list[Outcome]:
            return accept(database, municipality, clock, signer, submitted)

        watchers = Watchers(database.url, municipality.code)
        personal = PersonalData(derived_key(receipt_key, "what tills write"))
        digest_key = derived_key(receipt_key, "digests of requests")
        queue = AcceptQueue(decide, stop=stop)
        return cls(database, municipality, clock, queue, watchers, personal, digest_key, signer)

    def books(self) -> AbstractContextManager[Books]:
        """Open the books in a transaction: committed at the end, rolled back by any exception.

        Raises:  Unavailable.
        """
        return open_books(self.database, self.municipality, self.clock)

    def receipt_of_cancel(self, authorizer: bytes, cancelled: Performed) -> Receipt:
        """Sign that a nonce is used up by its cancel; the same cancel always gets the same receipt."""
        promise = Receipt(
            merchant=authorizer,
            till="",
            checkout=None,
            payment=cancelled.digest,
            amount=0,
            sequence=cancelled.sequence,
            accepted_at_ms=cancelled.accepted_at_ms,
            key_id=self.receipt_signer.key_id,
        )
        return self.receipt_signer.sign(self.municipality.domain, [promise])[0]

    def demand_books(self) -> None:
        """Check that the database answers. Raises: Unavailable."""
        with self.books() as books:
            books.connection.execute("SELECT 1")

    def figures(self) -> PublicFigures:
        """Return the public totals. They are computed once for each day and confirmed batch, however many callers ask."""
        with self._adding_up, self.books() as books:
            ended = ended_day(self.clock.now_ms())
            batch, _ = last_confirmed(books)
            known = (ended, batch)
            if self._figures.get(known) is None:
                self._figures.clear()
                self._figures[known] = public_figures(books, ended)
            return self._figures[known]

    def close(self) -> None:
        """End the streams, complete what is in the queue, then close the database."""
        self.watchers.close()
        self.queue.close()
        self.database.close()
