"""One word has one meaning: the glossary is in use, and its forbidden words are not."""

import re
from functools import cache
from pathlib import Path

import pytest

READ = (".py", ".toml", ".md", ".html", ".sql")
SHIPPED = ("api", "bandai_client", "coin", "demo", "docs", "examples", "town_cli", "wallet_cli", "README.md")
LINK = re.compile(r"\]\([^)]*\)")
ROW = re.compile(r"^\| (?P<ja>[^|]+) \| (?P<en>[^|]+) \| [^|]+ \| (?P<banned>[^|]*)\|$", re.MULTILINE)


def rows(root: Path) -> list[tuple[str, str, list[str]]]:
    """Each word that people see: Japanese, English, and what must not stand in its place."""
    people, _, _ = (root / "docs" / "glossary.md").read_text("utf-8").partition("## What code says")
    found = [match.group("ja", "en", "banned") for match in ROW.finditer(people)]
    return [
        (ja, en, [word for word in banned.strip().split(", ") if word])
        for ja, en, banned in found
        if ja not in ("日本語", "---")
    ]


@cache
def texts(root: Path) -> dict[str, str]:
    """Everything of the product that a person may read, but for the glossary and what has happened."""
    tops = [root / name for name in SHIPPED]
    files = [file for top in tops for file in ([top] if top.is_file() else top.rglob("*.*"))]
    read = [file for file in files if file.suffix in READ and file.name != "glossary.md"]
    return {str(file.relative_to(root)): file.read_text("utf-8") for file in read}


def test_it_has_about_thirty_words_each_once(root: Path) -> None:
    words = [ja for ja, _, _ in rows(root)]

    assert 25 <= len(words) <= 45
    assert len(set(words)) == len(words)


def test_every_word_is_in_use(root: Path) -> None:
    everything = "\n".join(texts(root).values())

    assert [ja for ja, _, _ in rows(root) if ja not in everything] == []


def test_no_other_word_stands_in_its_place(root: Path) -> None:
    banned = [word for _, _, words in rows(root) for word in words]

    found = [
        f"{name}:{number}: {word}"
        for name, text in texts(root).items()
        for number, line in enumerate(text.splitlines(), 1)
        for word in banned
        if word in line
    ]

    assert found == []


@pytest.mark.parametrize("wrong", [r"[ぁ-んァ-ヶ一-龠]\(", r"\)[ぁ-んァ-ヶ一-龠]"])
def test_brackets_beside_japanese_letters_are_full_width(root: Path, wrong: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts(root).items()
        for number, line in enumerate(text.splitlines(), 1)
        if re.search(wrong, LINK.sub("", line))
    ]

    assert found == []
