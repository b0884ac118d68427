"""The contract knows the kinds that the catalogue says it carries out and no other, each by the catalogue's length."""

import pytest
from eth_tester.exceptions import TransactionFailed

from coin.records.kinds import KINDS, carried_out
from tests.worlds.contract import Town, revert_name

NO_TABLE = bytes(4)
CARRIED_OUT = [number for number in KINDS if carried_out(number)]


def answer(town: Town, record: bytes) -> str:
    """The name of the error with which a batch of this record alone reverts; empty: it is replayed."""
    try:
        town.simulate(NO_TABLE + record, 1, town.now_s() - 1)
    except TransactionFailed as failed:
        return revert_name(failed)
    return ""


@pytest.mark.parametrize("kind", CARRIED_OUT)
def test_a_kind_that_is_carried_out_has_its_length_and_its_handler(deployed: Town, kind: int) -> None:
    record = bytes([kind]) + bytes(KINDS[kind].size - 1)

    assert answer(deployed, record[:-1]) == "DataShort"
    # its handler reads it: a record of zeros names a position that an empty table lacks, or fails a rule
    assert answer(deployed, record) in ("", "WrongPosition")
    assert answer(deployed, record + bytes(1)) in ("DataSurplus", "WrongPosition")


def test_a_number_beside_the_kinds_and_one_of_a_later_release_are_no_kinds(deployed: Town) -> None:
    others = {0, *KINDS, max(KINDS) + 1, 0x80, 0xFF} - set(CARRIED_OUT)

    assert {answer(deployed, bytes([kind]) + bytes(255)) for kind in others} == {"UnknownKind"}


@pytest.mark.slow
def test_every_other_byte_is_no_kind(deployed: Town) -> None:
    others = set(range(256)) - set(CARRIED_OUT)

    assert {answer(deployed, bytes([kind]) + bytes(255)) for kind in others} == {"UnknownKind"}
