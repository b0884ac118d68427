"""Whoever types the gateway's address into a browser reads what it is and where to go; a program gets JSON."""

import re
from html.parser import HTMLParser

import pytest

from coin.messages import town_fingerprint
from tests.api.caller import Caller

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Texts(HTMLParser):
    """The tags and the language of each text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.languages: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.languages += [value or "" for name, value in attributes if name == "lang"]


def test_a_browser_gets_a_page_that_says_where_to_go_japanese_first(shared_call: Caller) -> None:
    page = shared_call.http.get("/", headers={"Accept": BROWSER})

    town = shared_call.town.municipality
    desk = town.program.help_desk
    said = (town.name, desk.phone, desk.hours_ja, town_fingerprint(town.domain, town.receipt_key))
    assert page.headers["content-type"].startswith("text/html")
    assert [words for words in said if words not in page.text] == []
    assert page.text.index('id="ja"') < page.text.index('id="en"')
    assert Texts(page.text).languages[0] == "ja"
    links = set(re.findall(r'href="(/[^"]*)"', page.text))
    assert {"/v1/docs", "/v1/errors", "/v1/public/figures", "/v1/health"} <= links
    assert {shared_call.http.get(link).status_code for link in links} == {200}


def test_the_page_runs_nothing_and_loads_nothing_from_elsewhere(shared_call: Caller) -> None:
    page = shared_call.http.get("/", headers={"Accept": BROWSER})

    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script" not in Texts(page.text).tags
    assert not re.search(r"<style|\son\w+=|style=|https?://", page.text)


@pytest.mark.parametrize("accept", ["*/*", "application/json", "", "text/html;q=0, */*", "text/plain"])
def test_a_program_gets_json(shared_call: Caller, accept: str) -> None:
    answer = shared_call.http.get("/", headers={"Accept": accept})

    assert answer.json()["municipality"] == "074071"
    assert shared_call.http.get(answer.json()["openapi"]).json()["openapi"] == "3.1.0"
    assert answer.headers["vary"] == "Accept"
