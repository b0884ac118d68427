"""Paths that the documents name exist, so that a newcomer never looks for what is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md"])
FOLDERS = "contracts|coin|api|bandai_client|wallet_cli|town_cli|native|tests|docs|demo|tools|examples|bench"
NAMED = re.compile(rf"`((?:{FOLDERS})/[A-Za-z0-9_./-]*)`")

TESTS = re.compile(r"`(tests/[a-z_/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_that_a_document_names_exists(document: Path) -> None:
    named = NAMED.findall(document.read_text("utf-8"))

    assert [path for path in named if not (is_built(path) or (ROOT / path).exists())] == []


def is_built(path: str) -> bool:
    """Whether git ignores the path: it is there once something was built, and perhaps not even then in this place."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    folders = {name.rstrip("/") for name in ignored if name.endswith("/")}
    return path in ignored or not folders.isdisjoint(path.split("/"))


def test_what_is_built_need_not_be_there_and_what_is_written_must() -> None:
    assert is_built("native/target")
    assert is_built("examples/bandai-today/program.toml")
    assert not is_built("native/core")


def test_every_test_that_a_document_names_is_there() -> None:
    named = [found for document in DOCUMENTS for found in TESTS.findall(document.read_text("utf-8"))]

    assert named
    assert [pair for pair in named if f"def {pair[1]}(" not in (ROOT / pair[0]).read_text("utf-8")] == []


ATTACKERS = (
    "Thief of a phone",
    "Dishonest resident",
    "Dishonest shop",
    "Dishonest clerk, or a stolen office key",
    "Two of the staff together",
    "Stolen settler key",
    "Stolen pauser key, and who configures the contract",
    "Stolen receipts key",
    "Network",
    "Operator, and who reads the database or the log",
)


def test_the_threat_model_says_of_each_attacker_what_it_gets_what_stops_it_and_what_is_left() -> None:
    chapters = re.split(r"^## ", (ROOT / "docs/threat-model.md").read_text("utf-8"), flags=re.MULTILINE)[1:]

    assert tuple(chapter.partition("\n")[0] for chapter in chapters) == ATTACKERS
    for chapter in chapters:
        first, *others = re.split(r"^\* ", chapter, flags=re.MULTILINE)[1:]
        stopped = [line for line in others if not line.startswith("Left: ")]
        assert first.startswith("Gets: "), chapter[:40]
        assert others[-1].startswith("Left: "), chapter[:40]
        assert [line for line in stopped if not TESTS.search(line)] == []


def test_every_invariant_names_a_test() -> None:
    rows = re.findall(
        r"^\| (I-\d\d) \|.*\| ([^|]*) \|$", (ROOT / "docs/invariants.md").read_text("utf-8"), re.MULTILINE
    )

    assert [name for name, _ in rows] == [f"I-{number:02d}" for number in range(1, 14)]
    assert [name for name, attacked_by in rows if "`tests/" not in attacked_by] == []
