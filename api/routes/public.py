"""Public routes: totals in which no person can be found, and a health check."""

from datetime import date
from typing import Literal

from fastapi import APIRouter

from api.auth import GatewayOf
from api.problems import declared
from api.schemas import AnswerBody
from coin.messages import checksum_address
from coin.reports.public_figures import KindTotals

router = APIRouter(tags=["public"])


class KindFigures(AnswerBody):
    """Totals of one kind in yen; null where they come from too few people."""

    issued: int | None
    held: int | None
    spent: int | None
    expired: int | None


class FiguresAnswer(AnswerBody):
    """Totals at the end of a day in Japan that the chain has confirmed completely."""

    municipality: str
    day: date
    batches: int
    last_sequence: int
    merchants: int
    wallets: int | None
    coin: KindFigures
    point: KindFigures


class HealthAnswer(AnswerBody):
    """The gateway works and its books answer."""

    status: Literal["ok"]
    municipality: str
    chain_id: int
    contract: str


@router.get("/public/figures", summary="公開の合計 / Public totals", responses=declared())
def read_figures(gateway: GatewayOf) -> FiguresAnswer:
    """Totals at the end of `day`, the last day that the chain has confirmed completely. Totals from too few people are
    null."""
    found = gateway.figures()
    return FiguresAnswer(
        municipality=gateway.municipality.code,
        day=found.day,
        batches=found.batches,
        last_sequence=found.last_sequence,
        merchants=found.merchants,
        wallets=found.wallets,
        coin=_kind(found.coin),
        point=_kind(found.point),
    )


@router.get("/health", summary="動作の確認 / Health", responses=declared())
def read_health(gateway: GatewayOf) -> HealthAnswer:
    """Check that the books answer. For the state of books and chain the town has `bandai-town doctor`."""
    gateway.demand_books()
    domain = gateway.municipality.domain
    return HealthAnswer(
        status="ok",
        municipality=gateway.municipality.code,
        chain_id=domain.chain_id,
        contract=checksum_address(domain.verifying_contract),
    )


def _kind(totals: KindTotals) -> KindFigures:
    return KindFigures(
        issued=totals.issued_yen, held=totals.held_yen, spent=totals.spent_yen, expired=totals.expired_yen
    )
