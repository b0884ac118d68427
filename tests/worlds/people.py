"""People of the tests: whoever has a name has a key, the same in every run."""

from functools import cache

from eth_account import Account
from eth_account.signers.local import LocalAccount

from coin.core import keccak256

Signer = str | LocalAccount  # by name, or an account
Who = Signer | bytes  # or only an address


@cache
def person(name: str) -> LocalAccount:
    """Return the account of a name."""
    account: LocalAccount = Account.from_key(keccak256(name.encode()))
    return account


def account_of(who: Signer) -> LocalAccount:
    """Return the account of somebody who can sign."""
    return person(who) if isinstance(who, str) else who


def key_of(name: str) -> bytes:
    """Return the secret key of a name."""
    return bytes(person(name).key)


def address_of(who: Who) -> bytes:
    """Return the 20 bytes of an address; bytes stand for themselves."""
    return who if isinstance(who, bytes) else bytes.fromhex(account_of(who).address[2:])
