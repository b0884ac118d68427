"""Each file of vectors names the script that made it and the independent program that checked it, and both are there."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "tests" / "vectors").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_maker_and_checker_are_named_and_exist(file: Path) -> None:
    said = json.loads(file.read_text("utf-8"))
    checkers = re.findall(r"tests/[a-z_/]+\.py", said["checked_by"])

    assert (ROOT / said["made_by"]).is_file()
    assert checkers
    assert all((ROOT / path).is_file() for path in checkers)
