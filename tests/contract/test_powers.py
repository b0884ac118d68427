"""What each single key can do by calling the contract, and cannot; and what two staff put right."""

from typing import Any

import pytest
from eth_tester.exceptions import TransactionFailed

from coin.chain.artifact import artifact
from coin.messages import Appoint, to_64
from tests.worlds.contract import NAME, Town, hexed, revert_name
from tests.worlds.people import address_of
from tests.worlds.signing import sign

KEYS = ("deployer", "settler", "pauser", "outsider")
PAUSE_S = 72 * 3600


def appointment(
    town: Town,
    settler: str = "settler",
    pauser: str = "pauser",
    until_s: int = 0,
    *,
    staff: tuple[str, str] = ("staff 1", "staff 2"),
    step: int = 1,
) -> Any:
    """The call that names settler and pauser, with the signatures of two."""
    (word, _) = town.call("officeWords")
    said = Appoint(address_of(settler), address_of(pauser), until_s, (word >> 160) + step)
    approval = b"".join(address_of(label) for label in staff)
    approval += b"".join(to_64(sign(town.domain, said, label)) for label in staff)
    return town.contract.functions.appoint(hexed(settler), hexed(pauser), until_s, approval)


def attempts(town: Town) -> dict[str, Any]:
    """Every power of the contract, as a call; the appointment is signed by one of staff and the caller's friend."""
    functions = town.contract.functions
    return {
        "settle": functions.settle(town.batch_no + 1, town.sequence, town.now_s() - 1, 0, bytes(4)),
        "pause": functions.pause(),
        "appoint": appointment(town, "outsider", "outsider", staff=("staff 1", "outsider")),
    }


MAY = {"settler": {"settle"}, "pauser": {"pause"}}


@pytest.mark.parametrize("label", KEYS)
@pytest.mark.parametrize("power", ["settle", "pause", "appoint"])
def test_each_single_key_has_its_own_powers_and_no_other(town: Town, label: str, power: str) -> None:
    function = attempts(town)[power]

    if power in MAY.get(label, set()):
        town.transact(function, label)
    else:
        with pytest.raises(TransactionFailed):
            town.transact(function, label)


def test_the_offices_stand_where_the_constructor_put_them(empty: Town) -> None:
    words = [int.from_bytes(address_of(name), "big") for name in ("settler", "pauser")]

    assert list(empty.call("officeWords")) == words
    assert [empty.signer(f"staff {i}") for i in (1, 2, 3, 4)] == [1 << 160] * 3 + [0]
    assert empty.call("periodWord") == 3 << 152


def refusal(town: Town, function: Any, label: str) -> str:
    with pytest.raises(TransactionFailed) as failed:
        town.transact(function, label)
    return revert_name(failed.value)


def test_a_pause_stops_settlement_and_ends_by_itself(town: Town) -> None:
    town.transact(town.contract.functions.pause(), "pauser")
    end_s = town.now_s() - 1 + PAUSE_S

    town.travel(end_s - 10)
    with pytest.raises(TransactionFailed) as paused:
        town.settle(town.payment("aoi", "bakery", 1, nonce=0))
    town.travel(end_s + 1)

    assert revert_name(paused.value) == "SettlementPaused"
    assert town.settle(town.payment("aoi", "bakery", 1, nonce=0)).reasons == ["none"]


def test_the_pauser_alone_cannot_stop_a_town_longer_than_it_then_runs(town: Town) -> None:
    """Pausing whenever it can, from the first second on: half of the time is the town's, and no batch gets too late."""
    pause = town.contract.functions.pause()
    town.transact(pause, "pauser")
    start_s = town.now_s() - 1

    assert refusal(town, pause, "pauser") == "PauseRests"
    town.travel(start_s + 2 * PAUSE_S - 10)
    assert refusal(town, pause, "pauser") == "PauseRests"
    assert town.settle(town.payment("aoi", "bakery", 1)).reasons == ["none"]
    town.travel(start_s + 2 * PAUSE_S + 1)
    town.transact(pause, "pauser")


def test_two_staff_end_a_pause_and_take_the_office_from_who_abused_it(town: Town) -> None:
    town.transact(town.contract.functions.pause(), "pauser")

    town.transact(appointment(town, pauser="outsider"), "deployer")

    assert town.settle(town.payment("aoi", "bakery", 1)).reasons == ["none"]
    assert refusal(town, town.contract.functions.pause(), "pauser") == "NotAllowed"
    town.transact(town.contract.functions.pause(), "outsider")


def test_two_staff_replace_a_settler_whose_key_is_stolen_or_lost(town: Town) -> None:
    batch = attempts(town)["settle"]

    town.transact(appointment(town, settler="outsider"), "outsider")

    assert refusal(town, batch, "settler") == "NotAllowed"
    town.transact(batch, "outsider")


def test_two_staff_can_keep_settlement_paused_for_longer_and_end_it(town: Town) -> None:
    until_s = town.now_s() + 30 * 86_400

    town.transact(appointment(town, until_s=until_s), "outsider")

    assert refusal(town, attempts(town)["settle"], "settler") == "SettlementPaused"
    town.transact(appointment(town), "outsider")
    town.transact(attempts(town)["settle"], "settler")


def test_an_appointment_counts_once_and_in_its_turn(town: Town) -> None:
    first = appointment(town, settler="outsider")
    assert refusal(town, appointment(town, step=2), "outsider") == "NotApproved"

    town.transact(first, "outsider")
    town.transact(appointment(town), "outsider")

    assert refusal(town, first, "outsider") == "NotApproved"
    assert town.call("officeWords")[0] >> 160 == 2


@pytest.mark.parametrize(
    "staff", [("staff 1", "staff 1"), ("staff 1", "outsider"), ("settler", "pauser"), ("outsider", "staff 2")]
)
def test_less_than_two_staff_appoint_nobody(town: Town, staff: tuple[str, str]) -> None:
    assert refusal(town, appointment(town, "outsider", staff=staff), "outsider") == "NotApproved"


@pytest.mark.parametrize("label", ["settler", "pauser", "deployer"])
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
        {"settler": ""},
        {"pauser": ""},
        {"staff": []},
        {"staff": ["staff 1"]},
        {"staff": ["staff 1", "staff 1"]},
        {"staff": ["staff 1", ""]},
    ],
)
def test_a_constitution_with_a_gap_is_refused(empty: Town, change: dict[str, Any]) -> None:
    labels: dict[str, Any] = {"settler": "settler", "pauser": "pauser"}
    labels |= {"staff": ["staff 1", "staff 2"]} | change
    zero = "0x" + "00" * 20
    keys = [hexed(labels[name]) if labels[name] else zero for name in ("settler", "pauser")]
    staff = [hexed(label) if label else zero for label in labels["staff"]]
    factory = empty.web3.eth.contract(abi=artifact()["abi"], bytecode=artifact()["bytecode"])

    with pytest.raises(TransactionFailed):
        factory.constructor(NAME, *keys, staff).estimate_gas({"from": hexed("deployer")})
