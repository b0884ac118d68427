"""Runs all checks in order: files, books, chain. A check that depends on a failed one is reported as unknown."""

from collections.abc import Iterator
from contextlib import ExitStack

from coin.errors import Unavailable
from coin.program import Program
from town_cli.server.doctor import books, chain, files
from town_cli.server.doctor.finding import Finding
from town_cli.server.folder import Home
from town_cli.server.parts import Parts


def examine(home: Home, *, least_free_bytes: int) -> Iterator[Finding]:
    """Yield one finding for each question, as soon as it is there.

    Raises:  NotFound (`town_missing`, `town_unfinished`), if this folder has no open town; InvalidInput (`town_file_invalid`);
             Conflict (`town_busy`).
    """
    home.places()
    home.demand_finished()
    rules, program = files.rules(home)
    yield files.folder(home)
    yield files.keys(home, program)
    yield files.disk(home, least_free_bytes)
    yield rules
    if program is None:
        yield from (question.unknown() for question in (*books.OPENING, *_WITH_BOOKS))
    else:
        yield from _examine_parts(home, program)


_WITH_BOOKS = (*books.QUESTIONS, *chain.QUESTIONS)


def _examine_parts(home: Home, program: Program) -> Iterator[Finding]:
    parts = home.parts(program)
    with ExitStack() as stack:
        _bring_up(stack, parts)
        opened = books.reach(home, parts, program)
        yield from opened.findings
        if opened.town is None:
            yield from (question.unknown() for question in _WITH_BOOKS)
            return
        stack.callback(opened.town.database.close)
        yield from books.examine(home, opened.town)
        yield from chain.examine(home, opened.town)


def _bring_up(stack: ExitStack, parts: Parts) -> None:
    """Start the bundled database and chain, if possible; the checks report what did not start."""
    for with_chain in (True, False):
        try:
            stack.enter_context(parts.for_a_command(chain=with_chain))
        except Unavailable:
            continue
        return
