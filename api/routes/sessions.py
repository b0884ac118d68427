"""Sessions: a wallet signs a challenge, a till and staff show a credential; each gets a short token."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.answers import hex_of, session_answer
from api.auth import GatewayOf, principal_of, token_of
from api.problems import BODY, declared
from api.schemas import ChallengeAnswer, ChallengeRequest, CredentialRequest, SessionAnswer, SessionRequest
from coin.messages import parse_address, parse_bytes32
from coin.registry import sessions
from coin.registry.sessions import Principal

router = APIRouter(prefix="/sessions", tags=["sessions"])


@router.post("/challenges", responses=declared(BODY))
def issue_challenge(gateway: GatewayOf, body: ChallengeRequest) -> ChallengeAnswer:
    """Ask for something to sign: single-use, for this wallet, for two minutes."""
    wallet = parse_address(body.wallet, "wallet")
    with gateway.database.transaction() as connection:
        made = sessions.issue_challenge(connection, gateway.municipality, gateway.clock, wallet)
    return ChallengeAnswer(
        challenge=hex_of(made.challenge),
        audience=made.audience,
        issued_at=made.issued_at_s,
        expires_at=made.expires_at_s,
    )


@router.post("", responses=declared(BODY, "session_signature_invalid", "challenge_invalid"))
def open_by_wallet(gateway: GatewayOf, body: SessionRequest) -> SessionAnswer:
    """Open a wallet's session with its signature of the challenge."""
    wallet = parse_address(body.wallet, "wallet")
    with gateway.database.transaction() as connection:
        session = sessions.open_by_wallet(
            connection,
            gateway.municipality,
            gateway.clock,
            wallet=wallet,
            challenge=parse_bytes32(body.challenge, "challenge"),
            issued_at_s=body.issued_at,
            expires_at_s=body.expires_at,
            signature=bytes.fromhex(body.signature[2:]),
        )
    return session_answer(session)


@router.post("/credentials", responses=declared(BODY, "credential_invalid"))
def open_by_credential(gateway: GatewayOf, body: CredentialRequest) -> SessionAnswer:
    """Open the session of a till or of one of the staff."""
    with gateway.database.transaction() as connection:
        session = sessions.open_by_credential(
            connection, gateway.municipality, gateway.clock, body.credential
        )
    return session_answer(session)


@router.delete("/current", status_code=204, responses=declared("unauthorized", "session_invalid"))
def close_session(
    gateway: GatewayOf,
    token: Annotated[str, Depends(token_of)],
    _: Annotated[Principal, Depends(principal_of)],
) -> None:
    """End the session of this token now."""
    with gateway.database.transaction() as connection:
        sessions.close(connection, gateway.municipality, token)
