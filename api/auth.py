"""Who is calling, and whether they may: a bearer token becomes a Principal, and a route asks it for a scope."""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.gateway import Gateway
from coin.errors import Forbidden, NotFound, Unauthorized
from coin.registry import sessions
from coin.registry.credentials import Scope
from coin.registry.sessions import Principal

_TOKEN = re.compile(r"[\w-]{20,128}", re.ASCII)
_bearer = HTTPBearer(
    auto_error=False, description="The token of POST /v1/sessions or /v1/sessions/credentials."
)


def gateway_of(request: Request) -> Gateway:
    """The gateway that this application was made for."""
    gateway: Gateway = request.app.state.gateway
    return gateway


GatewayOf = Annotated[Gateway, Depends(gateway_of)]


def token_of(bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """The token that came with the request.

    Raises:  Unauthorized (`unauthorized`), if there is none that could be one.
    """
    if bearer is None or not _TOKEN.fullmatch(bearer.credentials):
        raise Unauthorized("ログインが必要です。", "This needs a session's token.")
    return bearer.credentials


def principal_of(gateway: GatewayOf, token: Annotated[str, Depends(token_of)]) -> Principal:
    """The caller; raises Unauthorized (`session_invalid`)."""
    with gateway.database.transaction() as connection:
        return sessions.principal_of(connection, gateway.municipality, gateway.clock, token)


def require(scope: Scope) -> Callable[[Principal], Principal]:
    """A dependency that lets only callers with that scope pass.

    Raises:  Forbidden (`forbidden`).
    """

    def check(principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        if scope not in principal.scopes:
            raise Forbidden("この操作に必要な権限がありません。", "The session has no right to this.")
        return principal

    return check


AnyWallet = Annotated[Principal, Depends(require(Scope.WALLET))]
AnyTill = Annotated[Principal, Depends(require(Scope.CHECKOUT_OPEN))]
CheckoutReader = Annotated[Principal, Depends(require(Scope.CHECKOUT_READ))]
PaymentReader = Annotated[Principal, Depends(require(Scope.PAYMENT_READ))]


def not_yours(code: str = "not_found") -> NotFound:
    """The one answer for what does not exist and for what is somebody else's."""
    return NotFound("見つかりません。", "There is no such thing, or it is not yours.", code=code)
