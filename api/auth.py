"""Authentication and authorization: a bearer token gives a Principal, and each route requires a scope."""

import re
from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.gateway import Gateway
from api.limits import Rates
from coin.errors import Forbidden, NotFound, Unauthorized
from coin.registry import sessions
from coin.registry.credentials import Scope
from coin.registry.sessions import Principal

_TOKEN = re.compile(r"[\w-]{20,128}", re.ASCII)
_bearer = HTTPBearer(
    auto_error=False, description="The token of POST /v1/sessions or /v1/sessions/credentials."
)


def gateway_of(request: Request) -> Gateway:
    """Return the gateway that this application was made for."""
    gateway: Gateway = request.app.state.gateway
    return gateway


def rates_of(request: Request) -> Rates:
    """Return the rate limits of this process."""
    rates: Rates = request.app.state.rates
    return rates


GatewayOf = Annotated[Gateway, Depends(gateway_of)]
RatesOf = Annotated[Rates, Depends(rates_of)]


def token_of(bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    """Return the token that came with the request.

    Raises:  Unauthorized (`unauthorized`), if there is no well-formed token.
    """
    if bearer is None or not _TOKEN.fullmatch(bearer.credentials):
        raise Unauthorized("ログインが必要です。", "A session token is required.")
    return bearer.credentials


def principal_of(gateway: GatewayOf, rates: RatesOf, token: Annotated[str, Depends(token_of)]) -> Principal:
    """Return the caller. Raises: Unauthorized (`session_invalid`); TooManyRequests."""
    with gateway.books() as books:
        principal = sessions.principal_of(books, token)
    rates.demand_credential(credential_of(principal))
    return principal


def credential_of(principal: Principal) -> str:
    """Return the name under which the caller is rate limited: a wallet's key, or the credential of a till or of a staff
    member."""
    return str(principal.credential) if principal.wallet is None else principal.wallet.hex()


def require(scope: Scope) -> Callable[[Principal], Principal]:
    """Return a FastAPI dependency that admits only callers with that scope.

    Raises:  Forbidden (`forbidden`).
    """

    def check(principal: Annotated[Principal, Depends(principal_of)]) -> Principal:
        if scope not in principal.scopes:
            raise Forbidden(
                "この操作に必要な権限がありません。", "The session does not have the right for this."
            )
        return principal

    return check


AnyWallet = Annotated[Principal, Depends(require(Scope.WALLET))]
AnyTill = Annotated[Principal, Depends(require(Scope.CHECKOUT_OPEN))]
CheckoutReader = Annotated[Principal, Depends(require(Scope.CHECKOUT_READ))]
PaymentReader = Annotated[Principal, Depends(require(Scope.PAYMENT_READ))]


def not_yours(code: str = "not_found") -> NotFound:
    """Return the error for what does not exist. It is the same for what belongs to another caller."""
    return NotFound("見つかりません。", "It does not exist, or it is not yours.", code=code)
