"""The numbers of the Solidity enum are those of coin/errors.py."""

import re
from pathlib import Path

from coin.errors import Rejection


def test_the_enum_reason_is_the_ladder_name_by_name_and_number_by_number(root: Path) -> None:
    body = (root / "contracts" / "Reason.sol").read_text().split("enum Reason {")[1].split("}")[0]
    names = [re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in re.findall(r"\w+", body)]

    assert list(enumerate(names)) == [(rejection.value, rejection.name) for rejection in Rejection]
