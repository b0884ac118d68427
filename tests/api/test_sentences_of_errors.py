"""An error says the same sentence in its answer as on its page (api/pages/errors.toml)."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path


def raised(root: Path) -> Iterator[tuple[str, str, str]]:
    """Every error that the gateway can raise with fixed sentences: its code, Japanese, English."""
    for package in ("api", "coin"):
        for path in sorted((root / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from fixed_sentences(node)


def fixed_sentences(call: ast.Call) -> Iterator[tuple[str, str, str]]:
    codes = [
        word.value.value
        for word in call.keywords
        if word.arg == "code" and isinstance(word.value, ast.Constant)
    ]
    said = [argument.value for argument in call.args[:2] if isinstance(argument, ast.Constant)]
    if codes and len(said) == 2:
        yield codes[0], *said


def test_an_answer_and_its_page_say_the_same(root: Path) -> None:
    pages = tomllib.loads((root / "api" / "pages" / "errors.toml").read_text("utf-8"))
    told = {code: (page["ja"], page["en"]) for code, page in pages.items() if "ja" in page}

    differing = [(code, ja, en) for code, ja, en in raised(root) if code in told and told[code] != (ja, en)]

    assert differing == []
