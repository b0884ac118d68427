"""Every error that a client can meet has a section with its cause and its cure, and every answer's `type` leads to it."""

import re
from pathlib import Path
from typing import Any

import pytest

from api.catalogue import Chapter, Entry, catalogue, markdown
from coin.errors import SENTENCES, Rejection
from coin.qr.tlv import Fault
from tests.api.caller import Caller
from tests.worlds.people import person

ENTRIES = list(catalogue().values())
AT_THE_START = {"api/settings.py", "api/__main__.py"}  # what stops a process before it answers anybody
CODE = re.compile(r"""code(?:: str)?\s*=\s*"([a-z_]+)\"""")


@pytest.fixture
def call(shared_call: Caller) -> Caller:
    """Nothing here moves anything, so one town is enough."""
    return shared_call


def codes(chapter: Chapter) -> set[str]:
    return {entry.code for entry in ENTRIES if entry.chapter is chapter}


def test_the_manual_is_what_the_catalogue_writes(root: Path) -> None:
    assert (root / "docs" / "errors.md").read_text("utf-8") == markdown()


def test_every_rung_of_the_ladder_has_its_section_and_no_other_code_stands_among_them() -> None:
    assert codes(Chapter.LADDER) == {reason.code for reason in Rejection} - {Rejection.NONE.code}
    assert [entry.number for entry in ENTRIES if entry.chapter is Chapter.LADDER] == list(
        range(1, len(Rejection))
    )


def test_every_fault_of_a_qr_code_has_its_section() -> None:
    assert codes(Chapter.CODE) == {fault.value[0] for fault in Fault}


def test_every_code_that_the_gateway_can_answer_has_its_section_and_none_is_made_up(
    root: Path, call: Caller
) -> None:
    document = call.http.get("/v1/openapi.json").json()
    raised = {
        code
        for file in root.glob("api/**/*.py")
        if str(file.relative_to(root)) not in AT_THE_START
        for code in CODE.findall(file.read_text("utf-8"))
    }
    promised = {code for response in responses(document) for code in promised_by(response)}
    unspoken = {"too_many_requests", "method_not_allowed", "authorization_for_other_checkout"}

    assert raised | promised | unspoken <= set(catalogue())
    assert codes(Chapter.GATEWAY) == (promised | unspoken) - codes(Chapter.LADDER)


def responses(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        response
        for operations in document["paths"].values()
        for operation in operations.values()
        for response in operation["responses"].values()
    ]


def promised_by(response: dict[str, Any]) -> list[str]:
    schema = response.get("content", {}).get("application/problem+json", {}).get("schema", {})
    return list(schema.get("properties", {}).get("code", {}).get("enum", []))


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_a_section_says_cause_and_cure_in_japanese_and_in_english(entry: Entry) -> None:
    for text in (entry.ja, entry.cause_ja, entry.cure_ja):
        assert text.endswith("。")
        assert any(ord(letter) > 0x3000 for letter in text)
    for text in (entry.en, entry.cause_en, entry.cure_en):
        assert text.endswith(".")
        assert not any(ord(letter) > 0x2E80 for letter in text)
    assert entry.cause_ja != entry.ja


def test_no_two_errors_have_the_same_cause() -> None:
    causes = [entry.cause_ja for entry in ENTRIES] + [entry.cause_en for entry in ENTRIES]

    assert len(set(causes)) == len(causes)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_the_page_of_a_code_says_what_the_manual_says(call: Caller, entry: Entry) -> None:
    page = call.http.get(f"/v1/errors/{entry.code}")

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.text.index(entry.ja) < page.text.index(entry.cause_ja) < page.text.index(entry.cure_ja)
    assert all(text.replace("'", "&#x27;") in page.text for text in (entry.cause_en, entry.cure_en))


def test_the_type_of_an_answer_leads_to_the_page_of_its_code(call: Caller) -> None:
    stranger = person("somebody")
    refusals = [
        call.get("/wallets/0x" + "1" * 40),
        call.post("/payments", {"authorizations": 5}),
        call.get("/nothing"),
        call.http.put("/v1/payments", json={}),
    ]
    (result,) = call.pay(call.authorization(stranger, 12, 1, 0))

    for body in [*(answer.json() for answer in refusals), result]:
        page = call.http.get(body["type"])
        assert page.status_code == 200
        assert f'<section id="{body["code"]}">' in page.text


def test_the_whole_list_holds_every_code_once(call: Caller) -> None:
    page = call.http.get("/v1/errors").text

    assert re.findall(r'<section id="(\w+)">', page) == [entry.code for entry in ENTRIES]


@pytest.mark.parametrize(
    "name", ["nothing", "<script>alert(1)</script>", "..", "insufficient_balance%00", "%2e%2e"]
)
def test_a_code_that_does_not_exist_has_no_page_and_does_not_come_back(call: Caller, name: str) -> None:
    answer = call.http.get(f"/v1/errors/{name}")

    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"
    assert "script" not in answer.text


def test_the_sentences_of_the_ladder_are_those_that_are_answered() -> None:
    assert all(
        (catalogue()[reason.code].ja, catalogue()[reason.code].en) == sentences
        for reason, sentences in SENTENCES.items()
        if reason is not Rejection.NONE
    )
