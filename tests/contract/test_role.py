"""14: two staff give and take rights, and open periods; windows of nonces survive."""

import pytest

from tests.worlds.contract import FIRST_EXPIRY_S, Town, hexed

STAFF = ("staff 1", "staff 2")
ZERO = bytes(20)
DAY_NUMBER = (FIRST_EXPIRY_S - 100 * 86_400 + 32_400) // 86_400


@pytest.mark.parametrize("role", [0, 1, 2, 3, 4])
def test_a_role_is_stored_with_its_allowance(town: Town, role: int) -> None:
    allowance = (1 << 64) - 1 if role else 0

    outcome = town.settle(town.role("outsider", role, allowance))

    assert outcome.reasons == ["none"]
    changed = {"account": hexed("outsider"), "role": role, "allowance": allowance}
    assert outcome.named("SignerRoleChanged") == [changed]
    assert town.signer("outsider") == role << 160 | allowance << 168


def test_a_revoked_channel_issues_nothing_and_keeps_its_window(town: Town) -> None:
    window = town.signer("channel") & ((1 << 160) - 1)

    outcome = town.settle(town.role("channel", 0), town.top_up("aoi", 1))

    assert outcome.reasons == ["none", "signer_not_authorized"]
    assert window == 2
    assert town.signer("channel") == 3


def test_staff_who_sign_away_their_own_right_have_used_their_nonce_once(town: Town) -> None:
    window = town.signer("staff 1") & ((1 << 160) - 1)

    outcome = town.settle(town.role("staff 1", 0), town.role("outsider", 1))

    assert outcome.reasons == ["none", "signer_not_authorized"]
    assert town.signer("staff 1") == window + 2


@pytest.mark.parametrize("role", [0, 2, 3, 4])
def test_the_last_two_staff_stay_whatever_role_would_take_their_place(town: Town, role: int) -> None:
    outcome = town.settle(town.role("staff 3", role))

    assert outcome.reasons == ["none"]
    town.refused(town.role("staff 2", role), "staff_too_few", uses_nonce=True)
    town.refused(town.role("staff 1", role), "staff_too_few", uses_nonce=True)


def test_staff_are_counted_through_every_change_of_role(town: Town) -> None:
    changes = [
        ("newcomer", 1),
        ("newcomer", 1),
        ("staff 3", 3),
        ("newcomer", 0),
        ("newcomer", 0),
        ("staff 3", 1),
    ]

    counts = []
    for name, role in changes:
        assert town.settle(town.role(name, role)).reasons == ["none"]
        counts.append(town.call("periodWord") >> 152)

    assert counts == [4, 4, 3, 2, 2, 3]


def test_new_staff_sign_from_the_next_record_on(town: Town) -> None:
    outcome = town.settle(
        town.role("outsider", 4, 9, staff=("newcomer", "staff 3")),
        town.role("newcomer", 1),
        town.role("outsider", 4, 9, staff=("newcomer", "staff 3")),
    )

    assert outcome.reasons == ["signer_not_authorized", "none", "none"]


def test_a_period_opens_with_its_cap_and_nothing_issued(town: Town) -> None:
    town.settle(town.role(ZERO, 5, 777))

    assert town.call("periodWord") == 777 | DAY_NUMBER << 128 | 3 << 152


def test_a_cap_changes_within_the_open_period(town: Town) -> None:
    town.settle(town.role(ZERO, 6, 5))

    assert town.call("periodWord") == 5 | 16_500 << 64 | DAY_NUMBER << 128 | 3 << 152


def test_a_cap_without_a_period_is_refused(empty: Town) -> None:
    empty.refused(empty.role(ZERO, 6, 5), "role_invalid", *STAFF, uses_nonce=True)


@pytest.mark.parametrize(
    ("account", "role", "allowance"),
    [
        ("outsider", 7, 0),
        ("outsider", 255, 0),
        (ZERO, 7, 0),
        ("outsider", 0, 1),
        (ZERO, 2, 1),
        (ZERO, 0, 0),
        ("outsider", 5, 1),
        ("outsider", 6, 1),
    ],
)
def test_what_is_no_role_is_refused(town: Town, account: str | bytes, role: int, allowance: int) -> None:
    town.refused(town.role(account, role, allowance), "role_invalid", uses_nonce=True)


@pytest.mark.parametrize("make", ["role", "calendar", "merchant"])
@pytest.mark.parametrize(
    "staff",
    [
        ("staff 1", "staff 1"),
        ("staff 1", "outsider"),
        ("outsider", "staff 1"),
        ("channel", "cashier"),
        ("pauser", "settler"),
    ],
)
def test_two_distinct_staff_are_needed_for_every_such_record(
    town: Town, make: str, staff: tuple[str, str]
) -> None:
    effects = {
        "role": town.role("outsider", 1, staff=staff),
        "calendar": town.calendar(
            2, FIRST_EXPIRY_S + 86_400, staff=staff, nonce=town.nonces.get(staff[0], 1) - 1
        ),
        "merchant": town.merchant("smith", 9, staff=staff, nonce=town.nonces.get(staff[0], 1) - 1),
    }

    town.refused(effects[make], "signer_not_authorized", "smith", *STAFF, *staff, uses_nonce=True)


@pytest.mark.parametrize("hands", [("staff 1", "outsider"), ("outsider", "staff 2"), ("staff 2", "staff 1")])
def test_one_wrong_signature_of_two_is_enough_to_refuse(town: Town, hands: tuple[str, str]) -> None:
    town.refused(town.role("outsider", 1, signers=hands), "signature_invalid", uses_nonce=False)


def test_a_role_record_is_carried_out_once(town: Town) -> None:
    give = town.role("outsider", 1, nonce=60)
    take = town.role("outsider", 0, nonce=61)

    outcome = town.settle(give, take, give)

    assert outcome.reasons == ["none", "none", "nonce_used"]
    assert town.signer("outsider") == 0


def test_the_nonce_is_one_of_the_first_signer(town: Town) -> None:
    before = [town.signer(label) for label in STAFF]

    town.settle(town.role("outsider", 1, staff=("staff 2", "staff 1")))

    assert town.signer("staff 1") == before[0]
    assert town.signer("staff 2") == before[1] + 1


def test_a_signer_s_window_is_128_wide_and_completes_the_nonce_from_its_low_bits(town: Town) -> None:
    base = town.signer("staff 1") & 0xFFFFFFFF

    outcome = town.settle(
        town.role("outsider", 1, nonce=base + 128),
        town.role("outsider", 2, nonce=base + 127),
        town.role("outsider", 3, nonce=base + (1 << 16)),
    )

    # the last one's low bits are those of the base, so it is completed to another nonce than the one signed
    assert outcome.reasons == ["nonce_out_of_window", "none", "signature_invalid"]
    assert town.signer("staff 1") >> 32 & ((1 << 128) - 1) == 1 << 127


def test_a_record_by_the_zero_address_is_refused(town: Town) -> None:
    effect = town.role("outsider", 1, staff=(ZERO, "staff 2"), signers=STAFF, nonce=0)

    town.refused(effect, "signature_invalid", uses_nonce=False)
