"""Pages for people: the API with its guide, and every error with its cause and fix; and the OpenAPI document. They load
nothing from elsewhere, so that they work in a closed network.

Large documents are built once, and rate limited by their size: small requests must not cause a flood of large answers. No
page has an inline script; the content security policy in each answer tells the browser so.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from html import escape
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import HTMLResponse, Response

from api import openapi, reference
from api.auth import RatesOf
from api.catalogue import Chapter, Entry, catalogue, introduction_of, type_of
from api.limits import Rates
from api.reference import Language
from coin.errors import NotFound

router = APIRouter(include_in_schema=False)
POLICY = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
_COUNTED_BYTES = 16_384
_KEPT = {"cache-control": "public, max-age=3600"}
_OURS = files("api.pages")
_ASSETS: dict[str, tuple[Traversable, str]] = {
    "docs.js": (_OURS, "text/javascript"),
    "icon.svg": (_OURS, "image/svg+xml"),
    "page.css": (_OURS, "text/css"),
}


@router.get("/docs")
def read_docs(request: Request, rates: RatesOf, lang: Language = Language.JA) -> Response:
    """The API's page in one language: a guide for each role, every operation with a real exchange, the errors."""
    return _counted(request, rates, _docs(request.app, lang), "text/html", POLICY)


@router.get("/docs/{name}")
def read_asset(request: Request, rates: RatesOf, name: str) -> Response:
    """A part of the API's page."""
    if name not in _ASSETS:
        raise _no_page()
    return _counted(request, rates, *_asset(name))


@router.get("/openapi.json")
def read_openapi(request: Request, rates: RatesOf) -> Response:
    """The OpenAPI document."""
    return _counted(request, rates, openapi.encoded(request.app), "application/json")


@router.get("/errors")
def read_errors(request: Request, rates: RatesOf) -> Response:
    """Every error."""
    return _counted(request, rates, _all_errors(), "text/html", POLICY)


@router.get("/errors/{code}")
def read_error(code: str) -> HTMLResponse:
    """One error: the page that the `type` of a problem links to."""
    entry = catalogue().get(code)
    if entry is None:
        raise _no_page()
    return HTMLResponse(_page(entry.code, [entry]), headers=POLICY)


def _counted(
    request: Request, rates: Rates, content: bytes, media_type: str, policy: Mapping[str, str] | None = None
) -> Response:
    rates.count_more(request.scope, len(content) // _COUNTED_BYTES)
    return Response(content, media_type=media_type, headers={**_KEPT, **(policy or {})})


@cache
def _docs(app: FastAPI, language: Language) -> bytes:
    return reference.page(app.openapi(), language).encode()


@cache
def _all_errors() -> bytes:
    return _page("エラーの一覧 / Errors", catalogue().values()).encode()


@cache
def _asset(name: str) -> tuple[bytes, str]:
    folder, media_type = _ASSETS[name]
    return folder.joinpath(name).read_bytes(), media_type


def _no_page() -> NotFound:
    return NotFound("見つかりません。", "There is no such page.")


def _page(title: str, entries: Iterable[Entry]) -> str:
    shown = list(entries)
    chapters = [
        _chapter(chapter, [entry for entry in shown if entry.chapter is chapter]) for chapter in Chapter
    ]
    return (
        '<!doctype html><html lang="ja"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} — ばんだいコイン</title>"
        '<link rel="icon" href="/v1/docs/icon.svg"><link rel="stylesheet" href="/v1/docs/page.css"></head><body>'
        '<nav><a href="/v1/docs">API</a> <a href="/v1/errors">エラーの一覧 / Errors</a></nav>'
        f"<main><h1>{escape(title)}</h1>{''.join(chapters)}</main></body></html>"
    )


def _chapter(chapter: Chapter, entries: list[Entry]) -> str:
    if not entries:
        return ""
    ja, en = introduction_of(chapter)
    head = f'<h2>{escape(chapter.value)}</h2><p>{escape(ja)}</p><p lang="en">{escape(en)}</p>'
    return head + "".join(map(_section, entries))


def _section(entry: Entry) -> str:
    place = " ".join(
        [f"HTTP {entry.status}" if entry.status else "", f"No. {entry.number}" if entry.number else ""]
    )
    rows = (
        ("原因", "ja", entry.cause_ja),
        ("対処", "ja", entry.cure_ja),
        ("Cause", "en", entry.cause_en),
        ("Cure", "en", entry.cure_en),
    )
    return (
        f'<section id="{entry.code}"><h3>{escape(entry.ja)}</h3><p lang="en">{escape(entry.en)}</p>'
        f'<p><a href="{type_of(entry.code)}"><code>{entry.code}</code></a> <small>{place}</small></p><dl>'
        + "".join(
            f'<dt lang="{lang}">{name}</dt><dd lang="{lang}">{escape(text)}</dd>' for name, lang, text in rows
        )
        + "</dl></section>"
    )
