"""Validates every answer of every test with the OpenAPI document: its status, its media type, its body and its code."""

import re
from typing import Any

import httpx
import jsonschema_rs

from api.catalogue import catalogue
from api.problems import MEDIA_TYPE

PAGES = ("/v1/openapi.json", "/v1/docs", "/v1/errors")


VARYING = {"invalid_input", "not_found", "too_many_requests"}  # they name a field, a thing or a time


def _says_what_its_page_says(problem: dict[str, Any]) -> None:
    entry = catalogue()[problem["code"]]
    assert problem["code"] in VARYING or (problem["title"], problem["detail"]) == (entry.ja, entry.en)


class Declared:
    """What the document promises, path by path."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._paths = {
            re.compile(re.sub(r"\{[a-z]+\}", "[^/]+", path)): operations
            for path, operations in document["paths"].items()
        }

    def check(self, response: httpx.Response) -> None:
        """Fail, if the document does not promise this answer."""
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not is_stream:  # its end may be minutes away
            response.read()
        responses = self._responses(response.request)
        if responses is None:
            path = response.request.url.path
            is_page = (path == "/" or path.startswith(PAGES)) and response.is_success
            assert is_page or response.status_code in (400, 404, 405)
            return
        status = str(response.status_code)
        assert status in responses, f"{response.request.url.path}: {status} is not declared: {response.text}"
        content = responses[status].get("content")
        if content is None:
            assert response.content == b""
            return
        if response.request.method == "HEAD":
            return
        media_type = response.headers["content-type"].partition(";")[0]
        assert media_type in content, f"{media_type} is not declared for {status}"
        if is_stream:
            return
        if media_type == MEDIA_TYPE:
            _says_what_its_page_says(response.json())
        schema = {**content[media_type]["schema"], "components": self._document["components"]}
        jsonschema_rs.validator_for(schema).validate(response.json())

    def _responses(self, request: httpx.Request) -> dict[str, Any] | None:
        method = "get" if request.method == "HEAD" else request.method.lower()
        literal_first = sorted(self._paths.items(), key=lambda item: "[^/]+" in item[0].pattern)
        for pattern, operations in literal_first:
            if pattern.fullmatch(request.url.path) and method in operations:
                responses: dict[str, Any] = operations[method]["responses"]
                return responses
        return None
