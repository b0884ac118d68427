"""Sessions: a wallet signs a challenge, a till or a staff member presents a credential; each gets a token for a short
time."""

from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import StringConstraints

from api.answers import hex_of
from api.auth import GatewayOf, RatesOf, principal_of, token_of
from api.problems import BODY, declared
from api.schemas import Address, AnswerBody, Bytes32, RequestBody, Seconds, SignatureText
from coin.messages import parse_address, parse_bytes32
from coin.registry import sessions
from coin.registry.sessions import Principal, Session

router = APIRouter(prefix="/sessions", tags=["sessions"])


class ChallengeRequest(RequestBody):
    """The wallet that wants to open a session."""

    wallet: Address


class ChallengeAnswer(AnswerBody):
    """The fields of the Session message that the wallet signs."""

    challenge: str
    audience: str
    issued_at: int
    expires_at: int


class SessionRequest(RequestBody):
    """A signed challenge; `signature` is over the Session message with the audience that was given."""

    wallet: Address
    challenge: Bytes32
    issued_at: Seconds
    expires_at: Seconds
    signature: SignatureText


class CredentialRequest(RequestBody):
    """The secret of a till or of one of the staff."""

    credential: Annotated[str, StringConstraints(min_length=20, max_length=128, pattern="^[A-Za-z0-9_-]+$")]


class SessionAnswer(AnswerBody):
    """A token for the header `Authorization: Bearer`."""

    token: str
    expires_at: int
    scopes: list[str]


@router.post("/challenges", summary="チャレンジを受け取る / Ask for a challenge", responses=declared(BODY))
def issue_challenge(gateway: GatewayOf, body: ChallengeRequest) -> ChallengeAnswer:
    """Get a challenge to sign: for this wallet, single-use, for two minutes."""
    wallet = parse_address(body.wallet, "wallet")
    with gateway.books() as books:
        made = sessions.issue_challenge(books, wallet)
    return ChallengeAnswer(
        challenge=hex_of(made.challenge),
        audience=made.audience,
        issued_at=made.issued_at_s,
        expires_at=made.expires_at_s,
    )


@router.post(
    "",
    summary="ウォレットでログイン / Open a wallet's session",
    responses=declared(BODY, "session_signature_invalid", "challenge_invalid"),
)
def open_by_wallet(gateway: GatewayOf, rates: RatesOf, body: SessionRequest) -> SessionAnswer:
    """Open a wallet's session with its signature of the challenge."""
    wallet = parse_address(body.wallet, "wallet")
    with gateway.books() as books:
        session = sessions.open_by_wallet(
            books,
            wallet=wallet,
            challenge=parse_bytes32(body.challenge, "challenge"),
            issued_at_s=body.issued_at,
            expires_at_s=body.expires_at,
            signature=bytes.fromhex(body.signature[2:]),
        )
        rates.demand_credential(
            wallet.hex()
        )  # the signature is verified by now; a refusal stores nothing and does not use the challenge up
    return session_answer(session)


@router.post(
    "/credentials",
    summary="レジ・職員でログイン / Open a till's or staff's session",
    responses=declared(BODY, "credential_invalid"),
)
def open_by_credential(gateway: GatewayOf, rates: RatesOf, body: CredentialRequest) -> SessionAnswer:
    """Open the session of a till or of one of the staff."""
    # only its owner can use up its rate
    rates.demand_credential(sha256(body.credential.encode()).hexdigest())
    with gateway.books() as books:
        session = sessions.open_by_credential(books, body.credential)
    return session_answer(session)


@router.delete(
    "/current",
    summary="ログアウト / End this session",
    status_code=204,
    responses=declared("unauthorized", "session_invalid"),
)
def close_session(
    gateway: GatewayOf,
    token: Annotated[str, Depends(token_of)],
    _: Annotated[Principal, Depends(principal_of)],
) -> None:
    """End the session of this token now."""
    with gateway.books() as books:
        sessions.close(books, token)


def session_answer(session: Session) -> SessionAnswer:
    """Return an opened session."""
    return SessionAnswer(token=session.token, expires_at=session.expires_at_s, scopes=sorted(session.scopes))
