"""Gas money: whether an account can pay for a transaction on a chain that takes a price for gas, and who must be paid how much."""

from decimal import ROUND_UP, Decimal

from coin.chain.rpc import Rpc
from coin.chain.transactions import Fees
from coin.errors import Unavailable
from coin.messages import checksum_address

_WEI = Decimal(10) ** 18
_ROOM = 2  # the price may rise until the money is there


def balance_wei(rpc: Rpc, account: bytes) -> int:
    """Return what an account has for gas."""
    return int(rpc.call("eth_getBalance", "0x" + account.hex(), "latest"), 16)


def demand_funds(rpc: Rpc, account: bytes, gas: int, fees: Fees) -> None:
    """Check that an account can pay for a transaction; on a chain without a gas price ask nothing.

    Raises:  Unavailable (`account_unfunded`), naming the account and the amount to send to it.
    """
    needed_wei = gas * fees.max_fee_wei
    if needed_wei == 0 or balance_wei(rpc, account) >= needed_wei:
        return
    to, amount = checksum_address(account), shown(_ROOM * needed_wei)
    raise Unavailable(
        f"ガス代が足りません。口座 {to} に、このチェーンの通貨を {amount} 以上送ってください。鍵はそのままで、入金のあと続きから進みます。",
        f"Not enough for gas: send {amount} or more of the chain's currency to {to}. The keys stay, and it goes on from there.",
        code="account_unfunded",
    )


def shown(wei: int) -> str:
    """Return an amount of the chain's currency (10^18 wei), rounded up to six decimals."""
    return f"{(Decimal(wei) / _WEI).quantize(Decimal('0.000001'), rounding=ROUND_UP):f}"
