"""The OpenAPI 3.1 document: what FastAPI generates, without the errors that we never return, plus the body of `POST
/v1/payments`."""

import json
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from api import idempotency
from api.problems import Problem
from api.routes.payments import PaymentsRequest

_REF = "#/components/schemas/{model}"
_EXTRA: tuple[type[BaseModel], ...] = (Problem, PaymentsRequest)
_TOO_MANY = {
    "description": "`too_many_requests`: too many requests from this address or with this credential.",
    "headers": {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
    },
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
TAGS = [
    {"name": "municipality", "description": "町と署名 / The town, and what is signed"},
    {"name": "sessions", "description": "ログイン / Sessions"},
    {"name": "wallets", "description": "住民のウォレット / Residents' wallets"},
    {"name": "tills", "description": "レジ / Tills"},
    {"name": "checkouts", "description": "お会計 / Checkouts"},
    {"name": "payments", "description": "支払い / Payments"},
    {"name": "public", "description": "だれでも読めるもの / What everybody may read"},
]
_FOREIGN = ("HTTPValidationError", "ValidationError")


def guide() -> str:
    """Return the introduction of the document: an example for each role."""
    return files("api.pages").joinpath("guide.md").read_text("utf-8")


def install(app: FastAPI) -> None:
    """Make `app.openapi()` return our document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def encoded(app: FastAPI) -> bytes:
    """Return the document as it is sent; built once."""
    if not hasattr(app.state, "document"):
        app.state.document = json.dumps(app.openapi(), ensure_ascii=False).encode()
    made: bytes = app.state.document
    return made


def _document(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
        openapi_version="3.1.0",
    )
    _, extra = models_json_schema([(model, "validation") for model in _EXTRA], ref_template=_REF)
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(extra["$defs"])
    for operation in _operations(made):
        _drop_foreign(operation["responses"])
        operation["responses"]["429"] = _TOO_MANY
        for parameter in operation.get("parameters", ()):
            if parameter["name"] == idempotency.NAME:
                parameter.update(idempotency.PARAMETER)
    for name in _FOREIGN:
        schemas.pop(name, None)
    return made


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def _drop_foreign(responses: dict[str, Any]) -> None:
    response = responses.get("422", {})
    if "HTTPValidationError" in str(response.get("content", {}).get("application/json", {})):
        response["content"].pop("application/json")
        if not response["content"]:
            responses.pop("422")
