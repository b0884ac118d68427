"""The contract knows the kinds of the catalogue and no other, each by the length that the catalogue gives it."""

import pytest
from contract_rig import Town, revert_name
from eth_tester.exceptions import TransactionFailed

from coin.records.kinds import SIZES

NO_TABLE = bytes(4)


def answer(town: Town, record: bytes) -> str:
    """The name of the error with which a batch of this record alone reverts; empty: it is replayed."""
    try:
        town.simulate(NO_TABLE + record, 1, town.now_s() - 1)
    except TransactionFailed as failed:
        return revert_name(failed)
    return ""


@pytest.mark.parametrize("kind", sorted(SIZES))
def test_a_kind_of_the_catalogue_has_its_length_and_its_handler(deployed: Town, kind: int) -> None:
    record = bytes([kind]) + bytes(SIZES[kind] - 1)

    assert answer(deployed, record[:-1]) == "DataShort"
    # its handler reads it: a record of zeros names a position that an empty table lacks, or fails a rule
    assert answer(deployed, record) in ("", "WrongPosition")
    assert answer(deployed, record + bytes(1)) in ("DataSurplus", "WrongPosition")


def test_every_other_byte_is_no_kind(deployed: Town) -> None:
    others = sorted(set(range(256)) - set(SIZES))

    assert {answer(deployed, bytes([kind]) + bytes(255)) for kind in others} == {"UnknownKind"}
