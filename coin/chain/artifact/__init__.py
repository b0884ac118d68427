"""The compiled contract that ships with the package; `make contracts` builds it, a test verifies it."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def artifact() -> dict[str, Any]:
    """Return the artifact: abi, bytecode, deployedBytecode, compiler, settings, sourcesHash."""
    text = files(__package__).joinpath("BandaiCoin.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded
