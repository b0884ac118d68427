"""GET /v1/municipality: what a wallet and a till pin."""

from fastapi import APIRouter

from api.answers import hex_of
from api.auth import GatewayOf
from api.problems import declared
from api.schemas import DomainAnswer, MunicipalityAnswer, ReceiptKey
from coin.messages import checksum_address, key_id

router = APIRouter(tags=["municipality"])


@router.get("/municipality", responses=declared())
def read_municipality(gateway: GatewayOf) -> MunicipalityAnswer:
    """Who issues here, what signatures are for, and the key of receipts."""
    town = gateway.municipality
    domain = town.domain
    return MunicipalityAnswer(
        municipality=town.code,
        name=town.name,
        is_demo=town.is_demo,
        domain=DomainAnswer(
            name=domain.name,
            version=domain.version,
            chainId=domain.chain_id,
            verifyingContract=checksum_address(domain.verifying_contract),
        ),
        receipt_key=ReceiptKey(
            address=checksum_address(town.receipt_key), key_id=hex_of(key_id(town.receipt_key))
        ),
        now_ms=gateway.clock.now_ms(),
    )
