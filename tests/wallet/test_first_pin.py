"""The first time that a wallet or a till believes a gateway: its fingerprint is that on paper, and nobody reads the traffic."""

import pytest
from test_commands import Resident
from typer.testing import CliRunner

from bandai_client import Gateway, gateway_url
from coin.errors import InvalidInput
from coin.messages import Domain, is_fingerprint, town_fingerprint
from wallet_cli.till import main as till_main

CONTRACT, KEY = b"\xc0" * 20, b"\x11" * 20
TOWN = Domain.for_municipality("074071", 31337, CONTRACT)


def test_the_fingerprint_of_a_known_town_stays():
    assert town_fingerprint(TOWN, KEY) == "YVSM-YNDV-XZ2M-B2D7"


@pytest.mark.parametrize(
    ("domain", "key"),
    [
        (Domain.for_municipality("074080", 31337, CONTRACT), KEY),
        (Domain.for_municipality("074071", 1, CONTRACT), KEY),
        (Domain.for_municipality("074071", 31337, b"\xc1" * 20), KEY),
        (TOWN, b"\x12" * 20),
    ],
)
def test_another_town_chain_contract_or_key_has_another_fingerprint(domain, key):
    assert town_fingerprint(domain, key) != town_fingerprint(TOWN, KEY)


def test_a_fingerprint_is_read_as_people_spell_it():
    known = "01AB-CDEF-GH1K-MN0P"

    assert all(is_fingerprint(typed, known) for typed in (known, "01ab cdef gh1k mn0p", "ＯlABCDEFGHIKMNOP"))
    assert not any(is_fingerprint(typed, known) for typed in ("", "01AB", known[:-1] + "Q", known + "0"))


def test_a_gateway_that_is_not_the_one_on_paper_makes_nothing(line, tmp_path):
    resident, paper = Resident(line, tmp_path / "wallet"), line.gateway.town.fingerprint

    assert (
        resident.refused("create", "--gateway", line.url, "--fingerprint", paper[::-1])
        == "fingerprint_differs"
    )
    assert not resident.home.exists()
    till = CliRunner().invoke(
        till_main.app,
        [
            "pair",
            "7Q4M-V0XH-2KTB",
            "--gateway",
            line.url,
            "--fingerprint",
            paper[::-1],
            "--home",
            str(tmp_path / "till"),
        ],
    )
    assert "[fingerprint_differs]" in till.stderr
    assert not (tmp_path / "till").exists()
    made = resident.ask("create", "--gateway", line.url, "--fingerprint", paper.lower())
    assert made["fingerprint"] == resident.ask("gateway")["fingerprint"] == paper


@pytest.mark.parametrize(
    "url", ["http://coin.example.jp", "http://203.0.114.5:8000", "http://town", "http://localhost.example.jp"]
)
def test_http_is_refused_for_what_others_can_read(url):
    for refusing in (gateway_url, Gateway):
        with pytest.raises(InvalidInput) as refusal:
            refusing(url)
        assert refusal.value.code == "gateway_insecure"


@pytest.mark.parametrize(
    "url",
    [
        "https://coin.example.jp",
        "http://127.0.0.1:8000",
        "http://[::1]:80",
        "http://localhost:1",
        "http://192.168.1.9",
    ],
)
def test_https_and_private_addresses_are_taken(url):
    assert gateway_url(url)
    Gateway(url).close()
