"""The contract on an in-process chain (eth-tester, Prague): signed records, a method for each kind, and their settlement."""

from ast import literal_eval
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, cast

from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionFailed
from web3 import EthereumTesterProvider, Web3
from web3.contract import Contract

from coin import messages
from coin.chain.artifact import artifact
from coin.core import keccak256
from coin.errors import Rejection
from coin.messages import Domain, StoredMessage, nonce_word
from coin.records.codec import encode_batch
from coin.records.effects import Effect
from coin.records.kinds import Kind
from tests.worlds.people import address_of, key_of
from tests.worlds.signing import sign

GENESIS_S = (
    2_542_028_400  # 2050-07-22T00:00 JST: ahead of every wall clock, so that block times are ours alone
)
DAY_S = 86_400
FIRST_EXPIRY_S = GENESIS_S + 100 * DAY_S
SECOND_EXPIRY_S = FIRST_EXPIRY_S + 100 * DAY_S
NAME = "BandaiCoin 074071"
STAFF = ("staff 1", "staff 2")
PEOPLE = ("aoi", "ren", "bakery", "inn", "channel", "cashier", "staff 1", "staff 2", "staff 3", "outsider")


def revert_hex(error: TransactionFailed) -> str:
    """What the contract reverted with, in hex: eth-tester gives bytes, or a text with their Python form."""
    said = error.args[0]
    data = said if isinstance(said, bytes) else literal_eval(str(said).partition(": ")[2])
    return bytes(data).hex()


def revert_name(error: TransactionFailed) -> str:
    """The name of the contract's own error that it reverted with."""
    return _error_names()[revert_hex(error)[:8]]


@cache
def _error_names() -> dict[str, str]:
    errors = (entry for entry in artifact()["abi"] if entry["type"] == "error")
    return {keccak256(_signature(error).encode())[:4].hex(): error["name"] for error in errors}


def _signature(entry: dict[str, Any]) -> str:
    return f"{entry['name']}({','.join(argument['type'] for argument in entry['inputs'])})"


@dataclass
class Outcome:
    """What one settlement did, read from its receipt."""

    receipt: Any
    first_sequence: int
    count: int
    events: list[tuple[str, dict[str, Any]]]

    @property
    def reasons(self) -> list[str]:
        """The reason of each record, as the Skipped events tell it."""
        skipped = {skip["sequence"]: skip["reason"] for skip in self.named("Skipped")}
        numbers = range(self.first_sequence, self.first_sequence + self.count)
        return [Rejection(skipped.get(number, 0)).code for number in numbers]

    @property
    def gas(self) -> int:
        return int(self.receipt["gasUsed"])

    def named(self, name: str) -> list[dict[str, Any]]:
        """The arguments of the events of one name, in order."""
        return [arguments for event, arguments in self.events if event == name]


@dataclass
class Town:
    """A deployed contract and the counters that the books would keep."""

    web3: Web3
    tester: EthereumTester
    contract: Contract
    domain: Domain
    batch_no: int = 0
    sequence: int = 1
    as_of_s: int = 0
    nonces: dict[str, int] = field(default_factory=dict)

    # ------------------------------------------------------------ effects

    def payment(self, payer: str, payee: str, value: int, **changes: Any) -> Effect:
        """A signed payment; `kind`, `nonce`, `valid_after`, `valid_before`, `signer` may be given."""
        said = messages.TransferWithAuthorization(
            payer=address_of(payer),
            payee=address_of(payee),
            value=value,
            valid_after_s=changes.get("valid_after", 0),
            valid_before_s=changes.get("valid_before", self.now_s() + 12 * 3600),
            nonce=nonce_word(self._nonce(payer, changes)),
        )
        return self._by_one(changes.get("kind", Kind.PAYMENT), said, payer, changes)

    def send(self, payer: str, payee: str, value: int, **changes: Any) -> Effect:
        """A signed send."""
        return self.payment(payer, payee, value, kind=changes.pop("kind", Kind.SEND), **changes)

    def cancel(self, authorizer: str, nonce: int, **changes: Any) -> Effect:
        """A signed cancel; `signer` may be given."""
        said = messages.CancelAuthorization(authorizer=address_of(authorizer), nonce=nonce_word(nonce))
        return self._by_one(Kind.CANCEL, said, authorizer, changes)

    def top_up(self, holder: str, coins: int, points: int = 0, **changes: Any) -> Effect:
        """A top-up; `channel`, `expiry`, `coin_expiry`, `point_expiry`, `nonce`, `signer` may be given."""
        channel = changes.get("channel", "channel")
        expiry = changes.get("expiry", FIRST_EXPIRY_S)
        said = messages.TopUp(
            channel=address_of(channel),
            holder=address_of(holder),
            coins=coins,
            coin_expiry_s=changes.get("coin_expiry", expiry if coins else 0),
            points=points,
            point_expiry_s=changes.get("point_expiry", expiry if points else 0),
            reference=keccak256(b"reference"),
            nonce=self._nonce(channel, changes),
        )
        return self._by_one(Kind.TOP_UP, said, channel, changes)

    def redeem(self, merchant: str, amount: int, **changes: Any) -> Effect:
        """A redeem; `cashier`, `nonce`, `signer` may be given."""
        cashier = changes.get("cashier", "cashier")
        payout = keccak256(b"payout")
        by, nonce = address_of(cashier), self._nonce(cashier, changes)
        said = messages.Redeem(by, address_of(merchant), amount, payout, nonce)
        return self._by_one(Kind.REDEEM, said, cashier, changes)

    def merchant(
        self, account: str, number: int, status: int = 1, replaces: str = "", **changes: Any
    ) -> Effect:
        """A merchant record by two staff."""
        said = messages.Merchant(
            address_of(account), number, status, keccak256(b"facts"), *self._first(changes)
        )
        return self._by_two(Kind.MERCHANT, said, changes, address_of(replaces) if replaces else b"")

    def calendar(self, lane: int, expiry: int, **changes: Any) -> Effect:
        """A calendar record by two staff."""
        said = messages.Calendar(lane, expiry, *self._first(changes))
        return self._by_two(Kind.CALENDAR, said, changes)

    def role(self, account: str | bytes, role: int, allowance: int = 0, **changes: Any) -> Effect:
        """A role record by two staff."""
        said = messages.Role(address_of(account), role, allowance, *self._first(changes))
        return self._by_two(Kind.ROLE, said, changes)

    def expire(self, expiry: int) -> Effect:
        """An expire record."""
        return Effect(0, Kind.EXPIRE, messages.Expire(expiry).words)

    def _by_one(self, kind: Kind, said: StoredMessage, signer: str, changes: dict[str, Any]) -> Effect:
        signature = sign(self.domain, said, changes.get("signer", signer))
        return Effect(0, kind, said.words, signature, address_of(signer))

    def _by_two(
        self, kind: Kind, said: StoredMessage, changes: dict[str, Any], context: bytes = b""
    ) -> Effect:
        """By two of the staff: `staff` are named in the record, `signers` really sign, `nonce` is of the first."""
        staff = changes.get("staff", STAFF)
        made = b"".join(sign(self.domain, said, hand) for hand in changes.get("signers", staff))
        return Effect(0, kind, said.words, made, b"".join(map(address_of, staff)), context)

    def _first(self, changes: dict[str, Any]) -> tuple[bytes, int]:
        first = changes.get("staff", STAFF)[0]
        return address_of(first), self._nonce(first, changes)

    def _nonce(self, signer: str, changes: dict[str, Any]) -> int:
        if "nonce" in changes:
            return int(changes["nonce"])
        nonce = self.nonces.get(signer, 0)
        self.nonces[signer] = nonce + 1
        return nonce

    # ------------------------------------------------------------ settlement

    def now_s(self) -> int:
        """The time of the block that would come next, at the earliest."""
        return max(int(self.web3.eth.get_block("latest")["timestamp"]) + 1, self.as_of_s)

    def travel(self, to_s: int) -> None:
        """Make the next block one of this second."""
        self.tester.time_travel(to_s)

    def settle(self, *effects: Effect, as_of_s: int | None = None, gas: int = 29_000_000) -> Outcome:
        """Settle effects as the next batch and return what happened."""
        as_of_s = self.now_s() - 1 if as_of_s is None else as_of_s
        run = self.numbered(effects)
        data = encode_batch(run, as_of_s)
        return self.settle_raw(data, len(run), as_of_s, gas=gas)

    def settle_raw(self, data: bytes, count: int, as_of_s: int, gas: int = 29_000_000) -> Outcome:
        """Settle bytes as they are; a revert is raised as web3 raises it."""
        function = self.contract.functions.settle(self.batch_no + 1, self.sequence, as_of_s, count, data)
        receipt = self.transact(function, "settler", gas)
        first = self.sequence
        self.batch_no += 1
        self.sequence += count
        self.as_of_s = as_of_s
        return Outcome(receipt, first, count, self._events(receipt))

    def transact(self, function: Any, label: str, gas: int = 29_000_000) -> Any:
        """Send a call from a label's account and return its receipt; a revert is raised with the contract's error."""
        envelope = {"from": hexed(label), "gas": gas}
        receipt = self.web3.eth.get_transaction_receipt(function.transact(envelope))
        if receipt["status"] == 0:
            function.call(envelope)  # raises what the transaction only failed with
            raise AssertionError("reverted in a transaction, but not in a call")
        return receipt

    def simulate(self, data: bytes, count: int, as_of_s: int) -> bytes:
        """What `settle` would return: a reason per record."""
        function = self.contract.functions.settle(self.batch_no + 1, self.sequence, as_of_s, count, data)
        return bytes(function.call({"from": hexed("settler"), "gas": 29_000_000}))

    def numbered(self, effects: Iterable[Effect]) -> list[Effect]:
        """The same effects with the next sequence numbers."""
        return [
            Effect(self.sequence + i, e.kind, e.words, e.signatures, e.signers, e.context)
            for i, e in enumerate(effects)
        ]

    def _events(self, receipt: Any) -> list[tuple[str, dict[str, Any]]]:
        events = {event.topic: event for event in self.contract.events}
        named = [(events["0x" + log["topics"][0].hex()], log) for log in receipt["logs"]]
        return [(event.event_name, dict(event().process_log(log)["args"])) for event, log in named]

    # ------------------------------------------------------------ state

    def call(self, name: str, *arguments: Any) -> Any:
        """Call a view, below web3, whose layers cost more than the call."""
        function = self.contract.get_function_by_name(name)
        calldata = self.contract.encode_abi(name, arguments)
        call = {"from": hexed("outsider"), "to": self.contract.address, "data": calldata, "gas": 20_000_000}
        answer = bytes.fromhex(self.tester.call(call)[2:])
        values = self.web3.codec.decode([output["type"] for output in function.abi["outputs"]], answer)
        return values[0] if len(values) == 1 else values

    def account(self, label: str) -> int:
        """The stored account word."""
        return int(self.call("accountWords", [address_of(label)])[0])

    def shop(self, label: str) -> int:
        """The stored merchant word."""
        return int(self.call("merchantWords", [address_of(label)])[0])

    def signer(self, label: str) -> int:
        """The stored signer word."""
        return int(self.call("signerWords", [address_of(label)])[0])

    def date(self, expiry: int) -> int:
        """The stored date word."""
        return int(self.call("dateTotals", [expiry])[0])

    def balance(self, label: str) -> int:
        """The ERC-20 balance."""
        return int(self.call("balanceOf", address_of(label)))

    def everything(self, *labels: str) -> tuple[dict[str, Any], list[int]]:
        """What a refused record must leave as it was for the given addresses, and their nonce windows apart."""
        views = ("calendarWord", "periodWord", "totalSupply", "journalWord")
        money: dict[str, Any] = {name: self.call(name) for name in views}
        money["journalWord"] >>= 136  # the merchants' total; the rest counts batches
        accounts, signers = self.words("accountWords", labels), self.words("signerWords", labels)
        money["lanes and flags"] = [word & ((1 << 112) - 1) for word in accounts]
        money["rights"] = [word >> 160 for word in signers]
        money["shops"] = self.words("merchantWords", labels)
        return money, [word >> 112 for word in accounts] + [word & ((1 << 160) - 1) for word in signers]

    def words(self, view: str, labels: Iterable[str]) -> list[int]:
        """The words of many addresses in one call."""
        return list(self.call(view, [address_of(label) for label in labels]))

    def refused(self, effect: Effect, reason: str, *labels: str, uses_nonce: bool) -> None:
        """Settle one effect and assert that it is skipped by name, moves nothing, and uses its nonce or not."""
        labels = labels or PEOPLE
        money, nonces = self.everything(*labels)

        outcome = self.settle(effect)

        assert outcome.reasons == [reason]
        skipped = {"sequence": self.sequence - 1, "kind": effect.kind, "reason": Rejection[reason.upper()]}
        assert outcome.named("Skipped") == [skipped]
        assert [name for name, _ in outcome.events] == ["Skipped", "Settled"]
        money_after, nonces_after = self.everything(*labels)
        assert money_after == money
        assert (nonces_after != nonces) is uses_nonce


@cache
def hexed(label: str) -> str:
    """The address of a label as web3 wants it."""
    return Web3.to_checksum_address(address_of(label))


def new_chain(gas_limit: int = 30_000_000) -> tuple[Web3, EthereumTester]:
    """A chain of its own, whose accounts are those of our labels."""
    parameters = PyEVMBackend.generate_genesis_params({"gas_limit": gas_limit, "timestamp": GENESIS_S})
    tester = EthereumTester(PyEVMBackend(genesis_parameters=parameters))
    web3 = Web3(EthereumTesterProvider(tester))
    for label in ("deployer", "settler", "pauser", "outsider"):
        tester.add_account("0x" + key_of(label).hex())
        gift = {"from": web3.eth.accounts[0], "to": hexed(label), "value": 10**22, "gas": 21_000}
        web3.eth.send_transaction(cast(Any, gift))
    return web3, tester


def new_town(gas_limit: int = 30_000_000) -> Town:
    """A contract as it comes from its constructor, with staff 1, 2 and 3."""
    web3, tester = new_chain(gas_limit)
    factory = web3.eth.contract(abi=artifact()["abi"], bytecode=artifact()["bytecode"])
    staff = [hexed(f"staff {i}") for i in (1, 2, 3)]
    call = factory.constructor(NAME, hexed("settler"), hexed("pauser"), staff)
    receipt = web3.eth.get_transaction_receipt(call.transact({"from": hexed("deployer")}))
    contract = web3.eth.contract(address=receipt["contractAddress"], abi=artifact()["abi"])
    domain = Domain.for_municipality("074071", web3.eth.chain_id, receipt["contractAddress"])
    return Town(web3, tester, contract, domain)


def open_town(gas_limit: int = 30_000_000) -> Town:
    """A town in service: a period, two dates, a channel, a cashier, two shops and two residents with value."""
    town = new_town(gas_limit)
    outcome = town.settle(
        town.role(bytes(20), 5, 10_000_000),
        town.calendar(0, FIRST_EXPIRY_S),
        town.calendar(1, SECOND_EXPIRY_S),
        town.role("channel", 2, 1_000_000),
        town.role("cashier", 3, 0),
        town.merchant("bakery", 1),
        town.merchant("inn", 2),
        town.top_up("aoi", 10_000, 1_000),
        town.top_up("ren", 5_000, 500, expiry=SECOND_EXPIRY_S),
    )
    assert set(outcome.reasons) == {"none"}, outcome.reasons
    return town
