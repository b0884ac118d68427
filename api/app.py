"""The application: routes under /v1, one error format, and the middleware around every route."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from api import openapi
from api.gateway import Gateway
from api.guard import AnswerHeaders, Guard
from api.limits import Limits, RateLimit, Rates
from api.problems import response_of
from api.routes import (
    checkout_events,
    checkouts,
    documents,
    front,
    municipality,
    payments,
    public,
    sessions,
    shop_payments,
    tills,
    wallets,
)
from api.settings import Settings
from api.validation import body_malformed, invalid_request
from coin.errors import CoinError, InvalidInput, NotFound

_METHODS = ("DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT")
_ROUTERS = (
    municipality,
    sessions,
    wallets,
    tills,
    checkouts,
    checkout_events,
    shop_payments,
    payments,
    public,
    documents,
)


def create_app(settings: Settings, *, stop: Callable[[], None] | None = None) -> FastAPI:
    """Return the gateway on the books that the settings name. Shutting down completes what is in the queue.

    Raises:  as `Gateway.open`.
    """
    return build_app(Gateway.open(settings, stop=stop), limits=settings.limits, stop=stop)


def build_app(
    gateway: Gateway,
    *,
    limits: Limits | None = None,
    now: Callable[[], float] = time.monotonic,
    stop: Callable[[], None] | None = None,
) -> FastAPI:
    """Yield the application around an open gateway, which it closes when it shuts down."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        gateway.close()

    app = FastAPI(
        title="ばんだいコイン API",
        version="1",
        description=openapi.guide(),
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.gateway = gateway
    app.state.rates = rates = Rates(limits or Limits(), now)
    for module in _ROUTERS:
        app.include_router(module.router, prefix="/v1")
    app.include_router(front.router)
    _handle_errors(app)
    app.add_middleware(Guard, stop=stop)
    app.add_middleware(RateLimit, rates=rates)
    app.add_middleware(AnswerHeaders)
    openapi.install(app)
    return app


def _handle_errors(app: FastAPI) -> None:
    @app.exception_handler(CoinError)
    async def on_coin_error(_: Request, error: CoinError) -> Response:
        return response_of(error)

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_: Request, error: RequestValidationError) -> Response:
        return response_of(invalid_request(error.errors()))

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> Response:
        response = response_of(_of_http(error.status_code))
        response.headers.update(error.headers or {})
        if error.status_code == 405:
            response.headers["Allow"] = ", ".join(_methods_of(app, request.url.path))
        return response


def _methods_of(app: FastAPI, path: str) -> list[str]:
    """Return every method that a path takes; its routes are several, and each knows only its own."""
    asked = {"type": "http", "path": path, "root_path": "", "headers": []}
    taken = [
        method
        for method in _METHODS
        if any(route.matches({**asked, "method": method})[0] is Match.FULL for route in app.router.routes)
    ]
    return sorted({*taken, "HEAD"} if "GET" in taken else taken)


def _of_http(status: int) -> CoinError:
    if status == 405:
        return InvalidInput(
            "この操作はできません。", "The method is not allowed here.", code="method_not_allowed"
        )
    if status == 404:
        return NotFound("見つかりません。", "There is no such path.")
    return body_malformed()
