"""docs/costs.md has a line for every route, and says the numbers of the quotas as they are; so does the page of the error."""

import re
from pathlib import Path

import pytest

from api.catalogue import catalogue
from api.limits import Limits
from coin.payments.checkouts import MOST_OPEN_AT_TILL, MOST_OPEN_OF_WALLET
from coin.registry import quotas
from coin.settlement.lapsed import UNUSED_DAYS
from tests.api.caller import Caller


def lines(root: Path) -> dict[str, str]:
    """Each route of the table, with its line."""
    text = (root / "docs" / "costs.md").read_text("utf-8")
    return {
        route: line
        for line in text.splitlines()
        if line.startswith("| `")
        for route in re.findall(r"`([A-Z]+ /v1/[^`]*)`", line)
    }


def test_every_route_has_its_line_and_no_line_is_made_up(root: Path, shared_call: Caller) -> None:
    paths = shared_call.http.get("/v1/openapi.json").json()["paths"]
    served = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}

    assert set(lines(root)) == served


@pytest.mark.parametrize(
    ("route", "numbers"),
    [
        ("POST /v1/payments", (quotas.SPENDS_OF_WALLET, quotas.SENDS_OF_WALLET)),
        ("POST /v1/payments/cancellations", (quotas.CANCELS_OF_WALLET,)),
        ("POST /v1/merchants/{number}/checkouts", (MOST_OPEN_OF_WALLET, quotas.CHECKOUTS_OF_WALLET)),
        ("POST /v1/tills/checkouts", (MOST_OPEN_AT_TILL, quotas.CHECKOUTS_OF_TILL)),
        ("POST /v1/wallets", (Limits().registrations_at_once, UNUSED_DAYS)),
        ("POST /v1/wallets/{address}/nonces", (quotas.LEASES_OF_WALLET,)),
    ],
)
def test_a_line_says_the_numbers_of_its_quota(root: Path, route: str, numbers: tuple[int, ...]) -> None:
    said = re.findall(r"[\d,]+", lines(root)[route])

    assert {f"{number:,}" for number in numbers} <= set(said)


def test_the_page_of_the_error_says_every_quota_in_both_languages() -> None:
    entry = catalogue()["daily_quota"]
    numbers = {f"{value:,}" for name, value in vars(quotas).items() if "_OF_" in name}

    for text in (entry.cause_ja, entry.cause_en):
        assert set(re.findall(r"\d[\d,]*(?=\D)", text)) >= numbers
