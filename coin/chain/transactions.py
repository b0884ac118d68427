"""Signed transactions: signed once, sent as often as needed, and followed by their receipts.

Decides how a transaction is signed (EIP-1559, with the caller's account nonce) and when it counts as sent and as final. The
same key, account nonce and calldata give the same bytes, so that sending is idempotent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coin.chain.interface import unhex
from coin.chain.rpc import NodeRefused, Rpc
from coin.errors import InvalidInput, InvariantBroken
from coin.messages import checksum_address


@dataclass(frozen=True)
class Fees:
    """The most that a transaction pays for a unit of gas, in wei; both are 0 on a chain without fees."""

    max_fee_wei: int
    priority_fee_wei: int


@dataclass(frozen=True)
class SignedTransaction:
    """The bytes of a transaction, which can be sent repeatedly, and its hash."""

    raw: bytes
    tx_hash: bytes


@dataclass(frozen=True)
class Receipt:
    """The receipt of a transaction; `contract` is the address of the contract that it created, if any."""

    tx_hash: bytes
    sender: bytes
    is_success: bool
    block_number: int
    block_hash: bytes
    gas_used: int
    contract: bytes | None
    logs: list[dict[str, Any]]


def sign_transaction(
    key: bytes, *, chain_id: int, nonce: int, to: bytes | None, data: bytes, gas: int, fees: Fees
) -> SignedTransaction:
    """Sign an EIP-1559 transaction without value; `to` None creates a contract."""
    from eth_account import Account  # slow to load, so loaded only to sign

    fields: dict[str, Any] = {
        "type": 2,
        "chainId": chain_id,
        "nonce": nonce,
        "value": 0,
        "data": data,
        "gas": gas,
        "maxFeePerGas": fees.max_fee_wei,
        "maxPriorityFeePerGas": fees.priority_fee_wei,
    }
    if to is not None:
        fields["to"] = checksum_address(to)
    signed = Account.sign_transaction(fields, key)
    return SignedTransaction(bytes(signed.raw_transaction), bytes(signed.hash))


def fees_of(raw: bytes) -> Fees:
    """Return the fees of a signed transaction."""
    from eth_account.typed_transactions.typed_transaction import TypedTransaction
    from hexbytes import HexBytes

    offered = TypedTransaction.from_bytes(HexBytes(raw)).as_dict()
    return Fees(offered["maxFeePerGas"], offered["maxPriorityFeePerGas"])


def send(rpc: Rpc, signed: SignedTransaction) -> None:
    """Send a transaction to the node; one that the node knows already counts as sent.

    Raises:  Unavailable, if the node does not answer; NodeRefused, if it refuses the transaction and does not know it.
    """
    try:
        answered = unhex(rpc.call("eth_sendRawTransaction", "0x" + signed.raw.hex()))
    except NodeRefused:
        if rpc.call("eth_getTransactionByHash", "0x" + signed.tx_hash.hex()) is None:
            raise
        return
    if answered != signed.tx_hash:
        raise InvariantBroken("the node hashed another transaction than the one that was signed")


def receipts(rpc: Rpc, hashes: Sequence[bytes]) -> list[Receipt | None]:
    """Return the receipts of transactions; None for each that has none yet."""
    calls = [("eth_getTransactionReceipt", ["0x" + tx_hash.hex()]) for tx_hash in hashes]
    return [_receipt(answer) for answer in rpc.batch(calls)]


def next_nonce(rpc: Rpc, account: bytes, block: str = "pending") -> int:
    """Return the next account nonce, by default including pending transactions."""
    return int(rpc.call("eth_getTransactionCount", "0x" + account.hex(), block), 16)


def chain_id(rpc: Rpc) -> int:
    """Return the chain's id."""
    return int(rpc.call("eth_chainId"), 16)


def demand_chain(rpc: Rpc, wanted: int) -> None:
    """Check that the node follows this chain.

    Raises:  InvalidInput (`chain_differs`), naming the node and both chains; Unavailable.
    """
    found = chain_id(rpc)
    if found != wanted:
        raise InvalidInput(
            f"ノード {rpc.place} のチェーンの番号は {found} ですが、この町のチェーンは {wanted} です。ノードの場所を確かめてください。",
            f"The node {rpc.place} follows chain {found}, but this town is on chain {wanted}: check the node's address.",
            field="node",
            code="chain_differs",
        )


def current_fees(rpc: Rpc) -> Fees:
    """Return fees that are enough even if the base fee doubles; both 0 on a chain without a gas price.

    The node's gas price is what it takes now: the base fee, if the chain has one, and what its miners want beside it.
    """
    block = rpc.call("eth_getBlockByNumber", "latest", False)
    base_fee_wei = int(block.get("baseFeePerGas") or "0x0", 16)
    priority_fee_wei = max(int(rpc.call("eth_gasPrice"), 16) - base_fee_wei, 0)
    return Fees(2 * base_fee_wei + priority_fee_wei, priority_fee_wei)


def final_block(rpc: Rpc, confirmations: int | None = None) -> int:
    """Return the number of the newest block that counts as final, -1 if there is none.

    Units:   confirmations: blocks that must follow; None: ask the node for its `finalized` block.
    Raises:  NodeRefused, if the node does not know that tag; then configure a number of blocks.
    """
    if confirmations is None:
        block = rpc.call("eth_getBlockByNumber", "finalized", False)
        return -1 if block is None else int(block["number"], 16)
    return max(int(rpc.call("eth_blockNumber"), 16) - confirmations, -1)


def block_time_s(rpc: Rpc, block: str = "latest") -> int:
    """Return the time of a block in seconds."""
    return int(rpc.call("eth_getBlockByNumber", block, False)["timestamp"], 16)


def _receipt(answer: Any) -> Receipt | None:
    if answer is None:
        return None
    created = answer.get("contractAddress")
    return Receipt(
        tx_hash=unhex(answer["transactionHash"]),
        sender=unhex(answer["from"]),
        is_success=answer["status"] == "0x1",
        block_number=int(answer["blockNumber"], 16),
        block_hash=unhex(answer["blockHash"]),
        gas_used=int(answer["gasUsed"], 16),
        contract=unhex(created) if created else None,
        logs=answer["logs"],
    )
