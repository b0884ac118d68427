"""What the contract has replayed under the number of a batch: its event, and the transaction that sent it.

Two batches of one number are told apart by their content: first record, count, asOf and hash of the data. Knows no books.
"""

from dataclasses import dataclass

from coin.chain import interface
from coin.chain.events import Settled, decode_events, topic_of
from coin.chain.interface import unhex
from coin.chain.rpc import Rpc
from coin.chain.transactions import Receipt, receipts
from coin.core import keccak256


@dataclass(frozen=True)
class SettledBatch:
    """A batch that the contract has replayed, and the receipt of its transaction."""

    settled: Settled
    receipt: Receipt


def find_settled(
    rpc: Rpc, contract: bytes, number: int, transaction_hash: bytes | None = None
) -> SettledBatch | None:
    """Return the batch that the contract has replayed under a number, whoever sent it; None, if the node shows none.

    `transaction_hash` is the transaction that probably holds it: it saves a search through all blocks.
    """
    likely = receipts(rpc, [transaction_hash])[0] if transaction_hash is not None else None
    found = _settled_in(likely, contract, number)
    return found or _settled_in(_search(rpc, contract, number), contract, number)


def data_of(calldata: bytes, *, is_strict: bool = True) -> bytes | None:
    """Return the `data` in a call of `settle` or `settleLate`; None, if it is another call."""
    arguments = interface.arguments_in(calldata, "settle", "settleLate", is_strict=is_strict)
    return None if arguments is None else bytes(arguments[4])


def find_data(call: bytes, data_hash: bytes) -> bytes | None:
    """Return the `data` of that hash in a transaction's call, which may be one to another contract that passes it on; None, if
    it is not there as it is. How a stranger filled up the call's words does not matter: the hash proves the bytes."""
    for selector in map(interface.selector, ("settle", "settleLate")):
        at = call.find(selector)
        while at >= 0:
            data = data_of(call[at:], is_strict=False)
            if data is not None and keccak256(data) == data_hash:
                return data
            at = call.find(selector, at + 1)
    return None


def _search(rpc: Rpc, contract: bytes, number: int) -> Receipt | None:
    logs = rpc.call(
        "eth_getLogs",
        {
            "address": "0x" + contract.hex(),
            "fromBlock": "0x0",
            "toBlock": "latest",
            "topics": ["0x" + topic_of(Settled).hex(), "0x" + number.to_bytes(32, "big").hex()],
        },
    )
    return receipts(rpc, [unhex(logs[-1]["transactionHash"])])[0] if logs else None


def _settled_in(receipt: Receipt | None, contract: bytes, number: int) -> SettledBatch | None:
    if receipt is None or not receipt.is_success:
        return None
    events = decode_events(receipt.logs, contract, [Settled])
    found = [event for event in events if isinstance(event, Settled) and event.batch_no == number]
    return SettledBatch(found[-1], receipt) if found else None
