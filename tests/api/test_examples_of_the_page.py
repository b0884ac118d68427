"""The exchanges on the API's page are real: every operation has one, and the gateway still answers so.

`make examples` records them anew.
"""

import json
import os
from pathlib import Path

import pytest

from api.openapi import guide
from api.reference import Language, examples, japanese, operations, page
from tests.api.caller import Caller
from tests.api.exchanges import play, shape

FILE = Path("api/pages/examples.json")


def test_every_operation_has_an_exchange_that_the_gateway_still_gives(call: Caller, root: Path) -> None:
    played = play(call)
    if os.environ.get("BANDAI_WRITE_EXAMPLES"):
        (root / FILE).write_text(json.dumps(played, ensure_ascii=False, indent=1) + "\n", "utf-8")
        examples.cache_clear()

    document = call.http.get("/v1/openapi.json").json()
    labels = {label for label, _ in operations(document)}
    assert set(played) == set(examples()) == set(japanese()) == labels
    for label, exchange in played.items():
        written = examples()[label]
        assert exchange["status"] == written["status"] < 300, label
        assert shape(exchange["answer"]) == shape(written["answer"]), label


@pytest.mark.parametrize("language", Language)
def test_a_page_has_one_language_and_leads_to_the_other(shared_call: Caller, language: Language) -> None:
    document = shared_call.http.get("/v1/openapi.json").json()
    text = page(document, language)

    shown = shared_call.http.get("/v1/docs", params={"lang": language})
    other = next(one for one in Language if one is not language)

    assert shown.text == text
    assert f'<html lang="{language}">' in text
    assert f'href="/v1/docs?lang={other}"' in text
    for label, operation in operations(document):
        ja, en = operation["summary"].split(" / ", 1)
        assert (f"<h4>{ja}</h4>" in text) == (language is Language.JA), label
        assert (f"<h4>{en}</h4>".replace("'", "&#x27;") in text) == (language is Language.EN), label


def test_without_a_language_the_page_is_japanese(shared_call: Caller) -> None:
    assert '<html lang="ja">' in shared_call.http.get("/v1/docs").text
    assert "```" not in shared_call.http.get("/v1/docs").text
    assert "```bash" in guide()
