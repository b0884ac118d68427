"""Each decision has a number of its own, and says what a successor asks: why, what, at what price, and the way back."""

from pathlib import Path

import pytest

DECISIONS = sorted((Path(__file__).parents[2] / "docs" / "adr").glob("*.md"))


def test_no_two_decisions_share_a_number() -> None:
    numbers = [path.name[:4] for path in DECISIONS]

    assert numbers == sorted(set(numbers))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name[:4])
def test_a_decision_names_its_context_choice_cost_and_the_way_back(path: Path) -> None:
    text = path.read_text("utf-8")

    assert text.startswith(f"# {path.name[:4]} ")
    assert [
        word for word in ("**Context.**", "**Choice.**", "**Cost.**", "**How to undo.**") if word not in text
    ] == []
