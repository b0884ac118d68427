"""Paths that the documents name exist, so that a newcomer never looks for what is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
FOLDERS = "contracts|coin|api|wallet_cli|town_cli|native|tests|docs|demo|tools|examples|bench"
NAMED = re.compile(rf"`((?:{FOLDERS})/[A-Za-z0-9_./-]*)`")

TESTS = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = NAMED.findall(document.read_text("utf-8"))

    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_test_that_a_document_names_is_there() -> None:
    named = [found for document in DOCUMENTS for found in TESTS.findall(document.read_text("utf-8"))]

    assert named
    assert [pair for pair in named if f"def {pair[1]}(" not in (ROOT / pair[0]).read_text("utf-8")] == []


def test_every_invariant_names_a_test() -> None:
    rows = re.findall(
        r"^\| (I-\d\d) \|.*\| ([^|]*) \|$", (ROOT / "docs/invariants.md").read_text("utf-8"), re.MULTILINE
    )

    assert [name for name, _ in rows] == [f"I-{number:02d}" for number in range(1, 14)]
    assert [name for name, attacked_by in rows if "`tests/" not in attacked_by] == []
