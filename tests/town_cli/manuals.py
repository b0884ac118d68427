"""The code blocks of a manual, as a reader types them: the fence says the language and what the block is."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
_FENCE = re.compile(r"^```(?P<language>\w+) (?P<label>\S+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


def blocks(manual: str, language: str) -> dict[str, str]:
    """The blocks of a language by their labels; each label stands once, but for what only root types."""
    found = [
        match
        for match in _FENCE.finditer((DOCS / manual).read_text("utf-8"))
        if match["language"] == language
    ]
    texts = {match["label"]: match["text"] for match in found}
    assert len(texts) == len(
        {match["label"] for match in found if match["label"] != "root"} | ({"root"} & texts.keys())
    )
    return texts


def moved(text: str, places: dict[str, str]) -> str:
    """A block with the places of this machine instead of the manual's."""
    for theirs, ours in places.items():
        text = text.replace(theirs, ours)
    return text
