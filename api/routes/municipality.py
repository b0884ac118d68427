"""What wallets and tills pin (`GET /v1/municipality`) and sign (`GET /v1/typed-data`)."""

from fastapi import APIRouter

from api.answers import hex_of
from api.auth import GatewayOf
from api.problems import declared
from api.schemas import AnswerBody, Milliseconds
from coin import messages
from coin.messages import Domain, checksum_address, key_id

router = APIRouter(tags=["municipality"])
_SIGNED_BY_CLIENTS = (
    messages.Session.TYPE,
    messages.TransferWithAuthorization.TYPE,
    messages.CancelAuthorization.TYPE,
    messages.Receipt.TYPE,
)


class DomainAnswer(AnswerBody):
    """The EIP-712 domain of every signature."""

    name: str
    version: str
    chainId: int  # noqa: N815
    verifyingContract: str  # noqa: N815


class ReceiptKey(AnswerBody):
    """The key that tills pin."""

    address: str
    key_id: str


class TypedDataField(AnswerBody):
    """One field of a message that is signed."""

    name: str
    type: str


class TypedDataAnswer(AnswerBody):
    """The EIP-712 domain, and the types by name."""

    domain: DomainAnswer
    types: dict[str, list[TypedDataField]]


class HelpDeskAnswer(AnswerBody):
    """Whom people call."""

    phone: str
    hours_ja: str
    hours_en: str


class MunicipalityAnswer(AnswerBody):
    """The municipality: its issuer, the domain of signatures, its keys, and its help desk."""

    municipality: str
    name: str
    is_demo: bool
    domain: DomainAnswer
    receipt_key: ReceiptKey
    help_desk: HelpDeskAnswer
    now_ms: Milliseconds


@router.get(
    "/municipality", summary="町の情報 / The town: who issues, what signatures are for", responses=declared()
)
def read_municipality(gateway: GatewayOf) -> MunicipalityAnswer:
    """Read the issuer, the domain of signatures, the receipts key and the help desk."""
    town, desk = gateway.municipality, gateway.municipality.program.help_desk
    return MunicipalityAnswer(
        municipality=town.code,
        name=town.name,
        is_demo=town.is_demo,
        domain=_domain(town.domain),
        receipt_key=ReceiptKey(
            address=checksum_address(town.receipt_key), key_id=hex_of(key_id(town.receipt_key))
        ),
        help_desk=HelpDeskAnswer(phone=desk.phone, hours_ja=desk.hours_ja, hours_en=desk.hours_en),
        now_ms=gateway.clock.now_ms(),
    )


@router.get("/typed-data", summary="署名の型 / Types to sign", responses=declared())
def read_typed_data(gateway: GatewayOf) -> TypedDataAnswer:
    """The EIP-712 domain and the type of every message that a client signs or checks, in the form that wallet libraries
    accept."""
    return TypedDataAnswer(
        domain=_domain(gateway.municipality.domain),
        types={
            message.name: [TypedDataField(name=name, type=kind) for kind, name in message.fields]
            for message in _SIGNED_BY_CLIENTS
        },
    )


def _domain(domain: Domain) -> DomainAnswer:
    return DomainAnswer(
        name=domain.name,
        version=domain.version,
        chainId=domain.chain_id,
        verifyingContract=checksum_address(domain.verifying_contract),
    )
