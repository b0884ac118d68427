"""What each single key can do by calling the contract, and cannot."""

from typing import Any

import pytest
from eth_tester.exceptions import TransactionFailed

from coin.chain.artifact import artifact
from tests.worlds.contract import NAME, Town, hexed

KEYS = ("deployer", "settler", "admin", "pauser", "outsider")
ADMIN = bytes(32)


def role(town: Town, name: str) -> bytes:
    return ADMIN if name == "ADMIN" else bytes(town.web3.keccak(text=f"{name}_ROLE"))


def attempts(town: Town) -> dict[str, Any]:
    """Every power of the contract, as a call."""
    functions = town.contract.functions
    return {
        "settle": functions.settle(town.batch_no + 1, town.sequence, town.now_s() - 1, 0, bytes(4)),
        "pause": functions.pause(),
        "unpause": functions.unpause(),
        "grant settler": functions.grantRole(role(town, "SETTLER"), hexed("outsider")),
        "grant pauser": functions.grantRole(role(town, "PAUSER"), hexed("outsider")),
        "grant admin": functions.grantRole(ADMIN, hexed("outsider")),
        "revoke settler": functions.revokeRole(role(town, "SETTLER"), hexed("settler")),
    }


CONFIGURE = {"grant settler", "grant pauser", "grant admin", "revoke settler"}
MAY = {"settler": {"settle"}, "pauser": {"pause"}, "admin": {"unpause", *CONFIGURE}}


@pytest.mark.parametrize("label", KEYS)
@pytest.mark.parametrize("power", ["settle", "pause", "unpause", *sorted(CONFIGURE)])
def test_each_single_key_has_its_own_powers_and_no_other(town: Town, label: str, power: str) -> None:
    if power == "unpause":
        town.transact(town.contract.functions.pause(), "pauser")
    function = attempts(town)[power]

    if power in MAY.get(label, set()):
        town.transact(function, label)
    else:
        with pytest.raises(TransactionFailed):
            town.transact(function, label)


def test_the_roles_stand_where_the_constructor_put_them_and_nowhere_else(empty: Town) -> None:
    held = {
        (label, name)
        for label in (*KEYS, "staff 1")
        for name in ("ADMIN", "SETTLER", "PAUSER")
        if empty.call("hasRole", role(empty, name), hexed(label))
    }

    assert held == {("admin", "ADMIN"), ("settler", "SETTLER"), ("pauser", "PAUSER")}
    assert [empty.signer(f"staff {i}") for i in (1, 2, 3, 4)] == [1 << 160] * 3 + [0]


def test_a_pause_stops_settlement_until_it_is_lifted(town: Town) -> None:
    effect = town.payment("aoi", "bakery", 1)
    town.transact(town.contract.functions.pause(), "pauser")
    with pytest.raises(TransactionFailed):
        town.settle(effect)

    town.transact(town.contract.functions.unpause(), "admin")

    assert town.settle(effect).reasons == ["none"]


@pytest.mark.parametrize("label", ["settler", "admin", "pauser", "deployer"])
def test_no_configuring_key_can_issue_or_redeem_or_change_rights_by_a_record(town: Town, label: str) -> None:
    outcome = town.settle(
        town.top_up("aoi", 1, channel=label),
        town.redeem("bakery", 1, cashier=label),
        town.role(label, 2, 1, staff=(label, "staff 1")),
        town.payment("aoi", "bakery", 1, signer=label, nonce=0),
        town.cancel("aoi", 0, signer=label),
    )

    assert outcome.reasons == ["signer_not_authorized"] * 3 + ["signature_invalid"] * 2


@pytest.mark.parametrize(
    "change",
    [
        {"admin": ""},
        {"settler": ""},
        {"pauser": ""},
        {"staff": []},
        {"staff": ["staff 1"]},
        {"staff": ["staff 1", "staff 1"]},
        {"staff": ["staff 1", ""]},
    ],
)
def test_a_constitution_with_a_gap_is_refused(empty: Town, change: dict[str, Any]) -> None:
    labels: dict[str, Any] = {"admin": "admin", "settler": "settler", "pauser": "pauser"}
    labels |= {"staff": ["staff 1", "staff 2"]} | change
    zero = "0x" + "00" * 20
    keys = [hexed(labels[name]) if labels[name] else zero for name in ("admin", "settler", "pauser")]
    staff = [hexed(label) if label else zero for label in labels["staff"]]
    factory = empty.web3.eth.contract(abi=artifact()["abi"], bytecode=artifact()["bytecode"])

    with pytest.raises(TransactionFailed):
        factory.constructor(NAME, *keys, staff).estimate_gas({"from": hexed("deployer")})
