"""Checks the right to sign a record: the catalogue says which role signs, the registry whether the signer has it.

Source:  docs/formats.md §3 (one signature, two), §4 (nonces).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from coin.errors import InvariantBroken, NotFound, Rejected, Rejection
from coin.formats import HOLDER_WINDOW, LAST_WINDOWED_NONCE
from coin.operations.operation import Signing
from coin.records.kinds import KINDS, Kind, SignedBy
from coin.registry import signers, wallets
from coin.registry.books import Books
from coin.registry.signers import Signer, SignerRole
from coin.registry.windows import window_after, window_refusal
from coin.signatures import Signature

_ROLES: Mapping[SignedBy, SignerRole] = {
    SignedBy.CHANNEL: SignerRole.CHANNEL,
    SignedBy.CASHIER: SignerRole.CASHIER,
    SignedBy.GRANTS: SignerRole.GRANTS,
}


@dataclass(frozen=True, slots=True)
class Authority:
    """A verified right to act; `use_nonce` uses its nonce up. `office` is the signer with a role, if any."""

    office: Signer | None
    use_nonce: Callable[[], None]


def demand_authority(books: Books, kind: Kind, signing: Signing | None) -> Authority:
    """Check that the signers may sign this kind, and that the nonce is free.

    Raises:  Rejected (`signer_not_authorized`, `nonce_out_of_window`, `nonce_used`); InvariantBroken, if the kind says
             that somebody signs it and its operation that nobody does, or the other way round.
    """
    signed_by = KINDS[kind].signed_by
    if (signing is None) is not (signed_by is SignedBy.NOBODY):
        raise InvariantBroken(f"who signs a {KINDS[kind].en} is said in two ways")
    if signing is None:
        return Authority(None, lambda: None)
    if signed_by is SignedBy.PAYER:
        return _of_payer(books, signing.signatures[0].signer, signing.nonce)
    if signed_by is SignedBy.TWO_STAFF:
        return _of_signer(books, demand_staff(books, signing.signatures), signing.nonce)
    if signed_by in _ROLES:
        field = KINDS[kind].signer or "signer"
        return _of_signer(books, _with_role(books, signing, _ROLES[signed_by], field), signing.nonce)
    raise InvariantBroken(f"nobody can sign a {KINDS[kind].en} in this release")


def demand_staff(books: Books, signatures: Sequence[Signature]) -> Signer:
    """Check that there are two distinct signers with role staff; return the first. Raises: Rejected
    (`signer_not_authorized`)."""
    if len({item.signer for item in signatures}) != 2 or len(signatures) != 2:
        raise Rejected(Rejection.SIGNER_NOT_AUTHORIZED, field="signatures")
    found = [signers.find(books.connection, books.municipality_code, item.signer) for item in signatures]
    for signer in found:
        signers.demand_role(signer, SignerRole.STAFF)
    return found[0]


def _with_role(books: Books, signing: Signing, role: SignerRole, field: str) -> Signer:
    signer = signers.find(books.connection, books.municipality_code, signing.signatures[0].signer)
    if signer.role is not role:
        raise Rejected(Rejection.SIGNER_NOT_AUTHORIZED, field=field)
    return signer


def _of_signer(books: Books, signer: Signer, nonce: int) -> Authority:
    signers.demand_nonce(signer, nonce)
    return Authority(
        signer, lambda: signers.use_nonce(books.connection, books.municipality_code, signer, nonce)
    )


def _of_payer(books: Books, payer: bytes, nonce: int) -> Authority:
    if nonce > LAST_WINDOWED_NONCE + 1:
        return _with_random_nonce(books, payer, nonce)
    base, used = _window(books, payer)
    reason = window_refusal(base, used, nonce)
    if reason is None and nonce > LAST_WINDOWED_NONCE:
        reason = Rejection.NONCE_OUT_OF_WINDOW
    if reason is not None:
        raise Rejected(reason, field="nonce")

    def use() -> None:
        books.connection.execute(
            """UPDATE wallet SET nonce_base = %s, nonce_map = %s::text::bit(120)
               WHERE municipality = %s AND address = %s""",
            [*window_after(base, used, nonce), books.municipality_code, payer],
        )

    return Authority(None, use)


def _window(books: Books, payer: bytes) -> tuple[int, str]:
    try:
        wallet = wallets.get(books, payer)
    except NotFound:
        return 0, "0" * HOLDER_WINDOW
    return wallet.nonce_base, wallet.nonce_map


def _with_random_nonce(books: Books, payer: bytes, nonce: int) -> Authority:
    key = [books.municipality_code, payer, nonce.to_bytes(32, "big")]
    row = books.connection.execute(
        "SELECT 1 FROM random_nonce WHERE municipality = %s AND payer = %s AND nonce = %s", key
    ).fetchone()
    if row is not None:
        raise Rejected(Rejection.NONCE_USED, field="nonce")

    def use() -> None:
        books.connection.execute(
            "INSERT INTO random_nonce (municipality, payer, nonce) VALUES (%s, %s, %s)", key
        )

    return Authority(None, use)
