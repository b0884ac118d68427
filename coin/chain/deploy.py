"""Deployment: from constructor arguments to a mined contract in which the deployer has no rights."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from coin import core
from coin.chain.funds import demand_funds
from coin.chain.interface import creation_calldata
from coin.chain.rpc import Rpc
from coin.chain.transactions import (
    Fees,
    chain_id,
    current_fees,
    next_nonce,
    receipts,
    send,
    sign_transaction,
)
from coin.errors import Unavailable
from coin.messages import checksum_address

_GAS = 8_000_000
_POLL_S = 0.05


@dataclass(frozen=True)
class Constitution:
    """The constructor's arguments: the name in the EIP-712 domain, settler, pauser, and the first staff."""

    name: str
    settler: bytes
    pauser: bytes
    staff: Sequence[bytes]


@dataclass(frozen=True)
class Deployed:
    """The contract's address, and the transaction and block that created it."""

    address: bytes
    tx_hash: bytes
    block_number: int


def deploy(
    rpc: Rpc, key: bytes, constitution: Constitution, fees: Fees | None = None, timeout_s: float = 60.0
) -> Deployed:
    """Deploy the contract of the artifact and wait until it is mined.

    Units:   key: 32 bytes, the deployer's; fees: None asks the node.
    Raises:  Unavailable (`account_unfunded`), if the key's account cannot pay for the gas; Unavailable, if the node does not
             answer or does not mine in time; NodeRefused, if it refuses; also Unavailable, naming the error, if the constructor refuses an argument.
    """
    fees = fees or current_fees(rpc)
    demand_funds(rpc, core.addresses(key), _GAS, fees)
    signed = sign_transaction(
        key,
        chain_id=chain_id(rpc),
        nonce=next_nonce(rpc, core.addresses(key)),
        to=None,
        data=creation_code(constitution),
        gas=_GAS,
        fees=fees,
    )
    send(rpc, signed)
    return _wait(rpc, signed.tx_hash, timeout_s)


def creation_code(constitution: Constitution) -> bytes:
    """Return bytecode and constructor arguments."""
    settler, pauser, *staff = map(
        checksum_address, (constitution.settler, constitution.pauser, *constitution.staff)
    )
    return creation_calldata(constitution.name, settler, pauser, staff)


def _wait(rpc: Rpc, tx_hash: bytes, timeout_s: float) -> Deployed:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        (receipt,) = receipts(rpc, [tx_hash])
        if receipt is not None:
            if not receipt.is_success or receipt.contract is None:
                raise Unavailable("コントラクトの配置が失敗しました。", "The deployment reverted.")
            return Deployed(receipt.contract, tx_hash, receipt.block_number)
        time.sleep(_POLL_S)
    raise Unavailable("コントラクトの配置が終わりません。", "The deployment was not mined in time.")
