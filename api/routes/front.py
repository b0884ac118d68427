"""`GET /`: says what this server is and where to go, to a person as a page, to a program as JSON.

Whoever types the gateway's address into a browser came from a sticker or a sheet. The page loads nothing from elsewhere and
runs no script.

Source:  RFC 9110 §12.5.1 (Accept).
"""

from html import escape
from importlib.resources import files
from string import Template

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from api.auth import GatewayOf
from api.routes.documents import POLICY
from coin.messages import town_fingerprint
from coin.naming import CURRENCY_EN, CURRENCY_JA
from coin.registry.municipality import Municipality

router = APIRouter(include_in_schema=False)
_PLACES = {"docs": "/v1/docs", "openapi": "/v1/openapi.json", "errors": "/v1/errors", "health": "/v1/health"}
_VARIES = {"vary": "Accept"}


@router.get("/")
def read_front(gateway: GatewayOf, request: Request) -> Response:
    """What this is: a page for a browser, JSON for everything else."""
    town = gateway.municipality
    if _wants_page(request.headers.get("accept", "")):
        return HTMLResponse(_page(town), headers={**POLICY, **_VARIES})
    return JSONResponse({"municipality": town.code, "name": town.name, **_PLACES}, headers=_VARIES)


def _wants_page(accept: str) -> bool:
    """Return whether a caller asks for HTML by name, as browsers do; `*/*` is a program."""
    for part in accept.lower().split(","):
        kind, *parameters = (text.strip() for text in part.split(";"))
        if kind == "text/html":
            return not any(
                text.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for text in parameters
            )
    return False


def _page(town: Municipality) -> str:
    rules = town.program
    facts = {
        "currency": CURRENCY_JA,
        "currency_en": CURRENCY_EN,
        "town": rules.municipality.name_ja,
        "town_en": rules.municipality.name_en,
        "operator": rules.operator.name_ja,
        "operator_en": rules.operator.name_en,
        "fingerprint": town_fingerprint(town.domain, town.receipt_key),
        "phone": rules.help_desk.phone,
        "hours": rules.help_desk.hours_ja,
        "hours_en": rules.help_desk.hours_en,
        "demo": "これは練習用（デモ）の町です。お金ではありません。" if town.is_demo else "",
        "demo_en": "This town is a demo: nothing here is money." if town.is_demo else "",
    }
    page = Template(files("api.pages").joinpath("front.html").read_text("utf-8"))
    return page.substitute({name: escape(text) for name, text in facts.items()})
