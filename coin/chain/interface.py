"""The contract's ABI, from the artifact, through web3: calldata, answers, reverts and logs.

Decides how the ABI is used. Knows no node and no address. web3 takes a second to load, so it is loaded at the first call: a
command that does not use the chain does not wait for it.
Source:  Solidity, "Contract ABI Specification"; web3.py 8.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from coin.chain.artifact import artifact
from coin.errors import Unavailable

if TYPE_CHECKING:
    from web3.contract import Contract


@dataclass(frozen=True)
class Function:
    """The selector and the types of a function."""

    selector: bytes
    inputs: Sequence[str]
    outputs: Sequence[str]


@dataclass(frozen=True)
class EventLayout:
    """The arguments of an event: those in the log's topics, by name and type, and those in its data."""

    indexed: Sequence[tuple[str, str]]
    data_names: Sequence[str]
    data_types: Sequence[str]


def calldata(name: str, *values: Any) -> bytes:
    """Return the calldata of a function call; addresses are bytes."""
    function = _function(name)
    return function.selector + _contract().w3.codec.encode(function.inputs, values)


def arguments_in(calldata: bytes, *names: str, is_strict: bool = True) -> Sequence[Any] | None:
    """Return the arguments of a call of one of these functions; None, if it calls another or cannot be read.

    Not strict reads what the contract itself accepts: the bytes that fill up a word may be any, or missing.
    """
    from eth_abi.exceptions import DecodingError

    for function in map(_function, names):
        if calldata[:4] == function.selector:
            try:
                return tuple(_contract().w3.codec.decode(function.inputs, calldata[4:], strict=is_strict))
            except (DecodingError, OverflowError):
                return None
    return None


def selector(name: str) -> bytes:
    """Return the first four bytes of a call of a function."""
    return _function(name).selector


def creation_calldata(*values: Any) -> bytes:
    """Return the bytecode with the constructor's arguments; addresses are text with their checksum."""
    return unhex(_contract().constructor(*values).data_in_transaction)


def answer_of(name: str, answer: bytes) -> Any:
    """Return the single return value of a function. Raises: as `reading`."""
    with reading():
        (value,) = _contract().w3.codec.decode(_function(name).outputs, answer)
    return value


def error_name(data: bytes) -> str | None:
    """Return the name of the custom error that a call reverted with; None, if it is not one of the contract's."""
    return _errors().get(data[:4])


@cache
def topic(event: str) -> bytes:
    """Return the first topic of an event's logs."""
    return unhex(_contract().events[event].topic)


def arguments_of(event: str, log: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the arguments of an event's log, by name; addresses are hex. Raises: as `reading`."""
    layout, codec = _layout(event), _contract().w3.codec
    with reading():
        topics = zip(layout.indexed, log["topics"][1:], strict=True)
        indexed = {name: codec.decode([kind], unhex(word))[0] for (name, kind), word in topics}
        data = codec.decode(layout.data_types, unhex(log["data"]))
        return indexed | dict(zip(layout.data_names, data, strict=True))


@contextmanager
def reading() -> Iterator[None]:
    """Turn errors of decoding a node's answer about the contract into one of ours.

    Raises:  Unavailable (`contract_answer_wrong`), if the answer does not fit our ABI: the node is broken, or the contract
             is another one.
    """
    from eth_abi.exceptions import DecodingError

    try:
        yield
    except (DecodingError, AttributeError, OverflowError, ValueError) as error:
        raise Unavailable(
            "チェーンのノードの応答が、町のコントラクトのものではありません。ノードの URL を確かめてください。",
            "The node's answer does not fit the town's contract; check the node's URL.",
            code="contract_answer_wrong",
        ) from error


def unhex(text: str) -> bytes:
    """Read 0x hex as JSON-RPC writes it."""
    return bytes.fromhex(text.removeprefix("0x"))


@cache
def _contract() -> "type[Contract]":
    from web3 import Web3

    compiled = artifact()
    return Web3().eth.contract(abi=compiled["abi"], bytecode=compiled["bytecode"])


@cache
def _function(name: str) -> Function:
    from web3.utils import function_abi_to_4byte_selector, get_abi_input_types, get_abi_output_types

    abi = _contract().get_function_by_name(name).abi
    return Function(function_abi_to_4byte_selector(abi), get_abi_input_types(abi), get_abi_output_types(abi))


@cache
def _layout(event: str) -> EventLayout:
    inputs = _contract().events[event].abi["inputs"]
    indexed = [(item["name"], item["type"]) for item in inputs if item["indexed"]]
    data = [(item["name"], item["type"]) for item in inputs if not item["indexed"]]
    return EventLayout(indexed, [name for name, _ in data], [kind for _, kind in data])


@cache
def _errors() -> dict[bytes, str]:
    from web3.utils import filter_abi_by_type, function_abi_to_4byte_selector

    errors = filter_abi_by_type("error", artifact()["abi"])
    return {function_abi_to_4byte_selector(error): error["name"] for error in errors}
