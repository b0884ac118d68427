"""The API's page works on a closed network, opens with an example for each role, and the examples do what they say."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.app import build_app
from api.gateway import Gateway
from api.limits import Limits
from api.openapi import guide
from coin.office.credentials import admit_staff, open_till
from coin.registry.personal import PersonalData
from tests.api.caller import Caller
from tests.served import serving
from tests.worlds.people import person

RESIDENT = person("resident")
ROLES = ("住民 / Resident", "お店 / Shop", "町役場 / Town", "監査する人 / Auditor")


def test_the_page_and_all_it_loads_come_from_the_gateway_and_its_policy_allows_nothing_else(
    shared_call: Caller,
) -> None:
    page = shared_call.http.get("/v1/docs")

    loaded = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    loaded = [path.replace("&amp;", "&") for path in loaded if not path.startswith("#")]
    parts = {path: shared_call.http.get(path) for path in loaded}
    assert all(path == "/" or path.startswith("/v1/") for path in loaded)
    assert {part.status_code for part in parts.values()} == {200}
    policy = dict(rule.split(" ", 1) for rule in page.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|style=", page.text)


@pytest.mark.parametrize(("path", "times"), [("docs", 3), ("openapi.json", 3), ("errors", 3)])
def test_a_large_answer_is_counted_by_its_size_and_may_be_kept(
    gateway: Gateway, path: str, times: int
) -> None:
    with serving(build_app(gateway, limits=Limits(per_address=2), now=lambda: 0.0), lifespan="off") as url:
        large = [httpx.get(f"{url}/v1/{path}") for _ in range(times)]

        assert large[0].status_code == 200
        assert "max-age=3600" in large[0].headers["cache-control"]
        assert httpx.get(f"{url}/v1/health").status_code == 429


@pytest.mark.parametrize(
    "name", ["nothing.js", "page.css/", "../errors.toml", "%2e%2e%2ferrors.toml", "errors.toml"]
)
def test_nothing_but_the_pages_parts_is_served(shared_call: Caller, name: str) -> None:
    assert shared_call.http.get(f"/v1/docs/{name}").status_code == 404


def test_the_document_opens_with_an_example_for_each_role_in_japanese_and_in_english(
    shared_call: Caller,
) -> None:
    opening = shared_call.http.get("/v1/openapi.json").json()["info"]["description"]

    chapters = re.split(r"^## ", opening, flags=re.MULTILINE)[1:]

    assert tuple(chapter.partition("\n")[0] for chapter in chapters) == ROLES
    for chapter in chapters:
        paragraphs = [
            part
            for part in re.sub(r"```.*?```", "", chapter, flags=re.DOTALL).split("\n\n")[1:]
            if part.strip()
        ]
        is_japanese = [any(ord(letter) > 0x3040 for letter in part) for part in paragraphs]
        assert is_japanese == [True, False] * (len(paragraphs) // 2)
        assert "```bash" in chapter


def test_every_operation_has_a_japanese_summary_first(shared_call: Caller) -> None:
    document = shared_call.http.get("/v1/openapi.json").json()

    summaries = [operation["summary"] for path in document["paths"].values() for operation in path.values()]

    assert all(re.match(r"[^A-Za-z]+ / [A-Z]", summary) for summary in summaries)
    assert {tag["name"] for tag in document["tags"]} == {
        operation["tags"][0] for path in document["paths"].values() for operation in path.values()
    }


def chapter(role: str) -> list[str]:
    """The blocks of a role's example."""
    (text,) = re.findall(rf"^## {re.escape(role)}\n(.*?)(?=^## |\Z)", guide(), re.MULTILINE | re.DOTALL)
    return re.findall(r"```bash\n(.*?)```", text, re.DOTALL)


def run(block: str, call: Caller, folder: Path, **variables: Any) -> list[dict[str, Any]]:
    """Run a block as it stands; gives what its commands printed, one JSON each."""
    environment = (
        os.environ | {"API": str(call.http.base_url).rstrip("/")} | {n: str(v) for n, v in variables.items()}
    )
    done = subprocess.run(
        ["/bin/bash", "-eu", "-c", block],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    decoder, rest, printed = json.JSONDecoder(), done.stdout.strip(), []
    while rest:
        answer, end = decoder.raw_decode(rest)
        printed.append(answer)
        rest = rest[end:].strip()
    assert not [answer for answer in printed if "code" in answer], printed
    return printed


def read(folder: Path, name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return content


def test_the_residents_example_ends_in_an_accepted_payment(call: Caller, tmp_path: Path) -> None:
    ask, log_in, pay = chapter(ROLES[0])
    variables = {"WALLET": RESIDENT.address, "SHOP": 12}
    call.town.register(RESIDENT)
    call.town.charge(RESIDENT, 1_000)

    (typed,) = run(ask, call, tmp_path, **variables)
    challenge = read(tmp_path, "challenge.json")
    proof = call.proof(RESIDENT, challenge)
    (tmp_path / "signed-challenge.json").write_text(json.dumps(proof))
    registered, before = run(log_in, call, tmp_path, **variables)
    checkout = read(tmp_path, "checkout.json")
    signed = call.authorization(RESIDENT, 12, checkout["amount"], 0, checkout["checkout"])
    (tmp_path / "signed-payment.json").write_text(json.dumps({"authorizations": [signed]}))
    (answer,) = run(pay, call, tmp_path, **variables)

    assert set(typed["types"]) >= {"Session", "TransferWithAuthorization", "Receipt"}
    assert (registered["address"], before["balance"]) == (RESIDENT.address, 1_100)
    assert [result["status"] for result in answer["results"]] == ["accepted"]
    assert answer["results"][0]["receipt"]["amount"] == 500


def test_the_shops_example_pairs_a_till_and_ends_in_an_open_checkout_with_its_code(
    call: Caller, tmp_path: Path
) -> None:
    pair, ask = chapter(ROLES[1])
    with call.town.books() as books:
        _, pairing = open_till(books, 12, "レジ2", actor="test")

    silent = run(pair, call, tmp_path, CODE=pairing.code)
    (shown,) = run(ask, call, tmp_path)

    assert silent == []
    assert (shown["amount"], shown["reference"], shown["status"]) == (1250, "2 番テーブル", "open")
    assert shown["qr"].startswith("000201")


def test_the_towns_example_ends_in_how_far_a_payment_is(call: Caller, tmp_path: Path) -> None:
    (block,) = chapter(ROLES[2])
    call.town.register(RESIDENT)
    call.town.charge(RESIDENT, 1_000)
    (paid,) = call.pay(call.authorization(RESIDENT, 12, 300, 0))
    with call.town.books() as books:
        staff = admit_staff(books, PersonalData(bytes(32)), "佐藤", actor="test")

    health, payment = run(block, call, tmp_path, STAFF=staff.secret, PAYMENT=paid["payment"])

    assert health["status"] == "ok"
    assert (payment["amount"], payment["merchant"], payment["status"]) == (300, 12, "accepted")


def test_the_auditors_example_needs_no_session(call: Caller, tmp_path: Path) -> None:
    (block,) = chapter(ROLES[3])

    town, figures = run(block, call, tmp_path)

    assert town["domain"]["verifyingContract"].startswith("0x")
    assert figures["municipality"] == town["municipality"] == "074071"
