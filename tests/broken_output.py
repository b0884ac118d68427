"""Runs a command whose answer cannot be shown: on a full disk, into a closed pipe, on a terminal with ASCII only, into nothing."""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

import pytest
import typer

FULL, CLOSED, ASCII, NOTHING = "full disk", "closed pipe", "ascii", "no output"
LOSING = (FULL, CLOSED, NOTHING)
KINDS = (*LOSING, ASCII)


@dataclass(frozen=True)
class Ended:
    """How a command ended: its number, what it said aside, and what reached its output."""

    number: int
    told: str
    shown: str


def run_into(kind: str, app: typer.Typer, words: list[str], environment: Mapping[str, str]) -> Ended:
    """Run a command in this process, with such an output."""
    aside = io.TextIOWrapper(io.BytesIO(), "utf-8")
    kept = io.BytesIO()
    with pytest.MonkeyPatch.context() as patch, _output(kind, kept) as output:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(), "utf-8"))
        patch.setattr(sys, "stdout", output)
        patch.setattr(sys, "stderr", aside)
        with pytest.raises(SystemExit) as ended:
            app(words)
        aside.flush()
    told = aside.detach().getvalue().decode()  # type: ignore[attr-defined]
    return Ended(int(ended.value.code or 0), told, kept.getvalue().decode())


@contextmanager
def _output(kind: str, kept: io.BytesIO) -> Iterator[TextIO | None]:
    if kind == NOTHING:
        yield None
    elif kind == ASCII:
        yield io.TextIOWrapper(kept, "ascii", write_through=True)
    else:
        with os.fdopen(_descriptor(kind), "w", encoding="utf-8") as output:
            yield output


def _descriptor(kind: str) -> int:
    if kind == FULL:
        return os.open("/dev/full", os.O_WRONLY)
    reading, writing = os.pipe()
    os.close(reading)
    return writing
