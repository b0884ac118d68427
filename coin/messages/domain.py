"""The EIP-712 domain: the contract and the chain that signatures are for. Source: EIP-712; docs/formats.md §4."""

from dataclasses import dataclass
from functools import cached_property

from coin.core import keccak256
from coin.messages.words import address_word, checksum_address, parse_address, string_word, uint_word, wrong

Fields = tuple[tuple[str, str], ...]  # (type, name), in the signed order
DOMAIN_FIELDS: Fields = (
    ("string", "name"),
    ("string", "version"),
    ("uint256", "chainId"),
    ("address", "verifyingContract"),
)


def type_string(name: str, fields: Fields) -> str:
    """Return the text of `encodeType`."""
    return f"{name}({','.join(f'{kind} {field}' for kind, field in fields)})"


def type_hash(name: str, fields: Fields) -> bytes:
    """Return the keccak-256 of the type string."""
    return keccak256(type_string(name, fields).encode())


@dataclass(frozen=True)
class Domain:
    """Name, version, chain and contract, which every digest contains."""

    name: str
    version: str
    chain_id: int
    verifying_contract: bytes

    @classmethod
    def for_municipality(cls, code: str, chain_id: int, contract: bytes | str) -> "Domain":
        """Return the domain of a municipality's contract, for example of 074071.

        Raises:  InvalidInput, if the code is not six digits or the contract is not an address.
        """
        if len(code) != 6 or not (code.isascii() and code.isdigit()):
            raise wrong("code", "市町村コードは 6 桁の数字です。", "a municipality code is six digits")
        return cls(f"BandaiCoin {code}", "1", chain_id, parse_address(contract, "contract"))

    @cached_property
    def separator(self) -> bytes:
        """The domain separator, 32 bytes."""
        return keccak256(
            type_hash("EIP712Domain", DOMAIN_FIELDS)
            + string_word(self.name, "name")
            + string_word(self.version, "version")
            + uint_word(self.chain_id, "chainId")
            + address_word(self.verifying_contract, "verifyingContract")
        )

    def as_json(self) -> dict[str, str | int]:
        """Return the domain as eth_signTypedData_v4 and `GET /v1/municipality` write it."""
        return {
            "name": self.name,
            "version": self.version,
            "chainId": self.chain_id,
            "verifyingContract": checksum_address(self.verifying_contract),
        }
