"""What reconciliation names is said in Japanese first: the places and the answers that a clerk is likely to meet."""

import re

import pytest

from town_cli.commands.reconcile import _cell, _place

ADDRESS = "0x624f6673bfEd5846Ca72c055d12d56B1660714F4"
PLACES = (
    "operation 12 receipt",
    "operation 12 lists",
    "operation 12 entries",
    "operation 12 kind",
    "operation 12 payer",
    "operation 12 coin_expiry_s",
    "operation 12 accepted_at_ms",
    "operation 12 record",
    "operation 12 digest",
    "operation 12 accepted while it was valid",
    "operations 12 to 14",
    "batch 1 block hash",
    "batch 1 transaction",
    "journal last acceptance",
    "batch 1 acceptances in order",
    "batch 1 acceptances of one batch",
    f"holder {ADDRESS} 2023-03-31",
    f"holder {ADDRESS} held by an incident",
    f"holder {ADDRESS} is a merchant",
    f"retired address {ADDRESS}",
    f"balance holder {ADDRESS} coin 2023-03-31 against its journal",
    "balance expired_income coin against its journal",
    "merchant 000001 registered number",
    "date 2023-03-31 replaced in the calendar",
    "trial balance debits and credits",
    "period first day",
    "town chain",
    "town contract",
    "town receipts key",
    "journal last asOf",
    "journal batch number",
    "journal last number",
)
VALUES = (
    "True",
    "missing",
    "signed by the town's key",
    "not signed by the town's key",
    "no incident",
    "carried out",
)


@pytest.fixture(autouse=True)
def _japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "ja_JP.UTF-8")


@pytest.mark.parametrize("place", PLACES)
def test_every_place_is_named_in_japanese(place: str) -> None:
    assert not re.search("[a-z]{2,}", _place(place, {}).replace(ADDRESS, ""))


@pytest.mark.parametrize("value", VALUES)
def test_every_answer_is_given_in_japanese(value: str) -> None:
    assert not re.search("[a-z]{2,}", _cell(value))
