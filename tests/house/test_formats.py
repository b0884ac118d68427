"""The numbers of coin/formats.py are those of the contract and of the manual, and stand nowhere else."""

import re
from pathlib import Path

import pytest

from coin import formats

SAME = {
    "M24": formats.MAX_LANE_YEN,
    "LANES": formats.LANES,
    "HOLDER_WINDOW": formats.HOLDER_WINDOW,
    "SIGNER_WINDOW": formats.SIGNER_WINDOW,
    "LAST_HOLDER_NONCE": formats.LAST_WINDOWED_NONCE,
    "LAST_SIGNER_NONCE": formats.LAST_SIGNER_NONCE,
    "M40": formats.TIMES_END_S - 1,
    "M12": formats.MAX_CALENDAR_VERSION,
    "WINDOW_S": formats.SETTLE_WINDOW_S,
    "LAST_MERCHANT_NUMBER": formats.MAX_MERCHANT_NUMBER,
    "MINIMUM_STAFF": formats.MINIMUM_STAFF,
    "PAUSE_S": formats.PAUSE_S,
}
SAID = ("864,000", "16,777,215", "4,095", "999,999", "259,200", "2^24", "1,800")
NOWHERE_ELSE = re.compile(r"\b(864_?000|16_?777_?215|999_?999|259_?200)\b|1 << (24|40)\b")
PRODUCT = ("api", "bandai_client", "coin", "town_cli", "wallet_cli")


def constants(root: Path) -> dict[str, int]:
    """The constants of the contract's sources; those that are made of others are added up."""
    text = "\n".join(path.read_text("utf-8") for path in sorted((root / "contracts").rglob("*.sol")))
    found: dict[str, int] = {}
    for name, value in re.findall(r"uint256 (?:internal|private) constant (\w+) = ([^;]+);", text):
        known = re.sub(r"(?:Words\.)?\b([A-Z]\w+)\b", lambda m: str(found.get(m[1], m[1])), value)
        if re.fullmatch(r"[\dxA-Fa-f_() <+-]+", known):
            found[name] = eval(known)  # noqa: S307  (digits and signs only)
    return found


@pytest.mark.parametrize("name", SAME)
def test_the_contract_has_the_same_number(root: Path, name: str) -> None:
    assert constants(root)[name] == SAME[name]


@pytest.mark.parametrize("number", SAID)
def test_the_manual_says_it(root: Path, number: str) -> None:
    assert number in (root / "docs" / "formats.md").read_text("utf-8")


def test_no_other_file_has_such_a_number_of_its_own(root: Path) -> None:
    found = [
        f"{path.relative_to(root)}:{number}"
        for package in PRODUCT
        for path in sorted((root / package).rglob("*.py"))
        if path.name != "formats.py"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if NOWHERE_ELSE.search(re.sub(r'".*?"|#.*', "", line))
    ]

    assert found == []
