"""What two people must sign, one cannot sign alone: the second key has a passphrase that only its holder knows."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from office import PASSPHRASE, Office

from coin.errors import Unauthorized
from coin.keystore import open_keystore

SECOND = "four other words here"


@pytest.fixture(scope="module")
def parted(office: Office) -> Iterator[Office]:
    """A town whose second member of staff has set a passphrase, which is taken back at the end: other tests go on there."""
    result = office.run("keys", "passphrase", "staff-2", "--json", new_passphrase=SECOND)
    assert json.loads(result.stdout) == {"key": "staff-2"}, result.output
    yield office
    office.run("keys", "passphrase", "staff-2", passphrase=SECOND, new_passphrase=PASSPHRASE)


def test_who_knows_one_passphrase_cannot_sign_for_two(parted: Office, example: Path) -> None:
    alone = parted.run("merchants", "import", str(example / "merchants.csv"), second_passphrase=PASSPHRASE)
    together = parted.run("merchants", "import", str(example / "merchants.csv"), second_passphrase=SECOND)

    assert (alone.exit_code, together.exit_code) == (5, 0)
    assert "staff-2.json" in alone.stderr


def test_the_old_passphrase_no_longer_opens_the_key_and_the_other_keys_are_as_before(parted: Office) -> None:
    with pytest.raises(Unauthorized):
        open_keystore(parted.home.keyring.keystore("staff-2"), PASSPHRASE)

    assert (
        parted.home.keyring.key("staff-2", SECOND).address
        != parted.home.keyring.key("staff-1", PASSPHRASE).address
    )
    assert parted.home.keyring.keystore("staff-2").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "passphrase", "new", "number", "code"),
    [
        ("../receipts", PASSPHRASE, SECOND, 6, "keystore_missing"),
        ("cashier", "wrong", SECOND, 5, "passphrase_wrong"),
        ("cashier", PASSPHRASE, PASSPHRASE, 3, "passphrase_same"),
        ("cashier", PASSPHRASE, "", 3, "invalid_input"),
        ("cashier", PASSPHRASE, "7 signs", 3, "passphrase_short"),
    ],
)
def test_a_passphrase_is_changed_only_by_who_knows_the_old_one_and_to_another(
    parted: Office, name: str, passphrase: str, new: str, number: int, code: str
) -> None:
    before = parted.home.keyring.keystore("cashier").read_bytes()

    result = parted.run("keys", "passphrase", name, passphrase=passphrase, new_passphrase=new)

    assert (result.exit_code, f"[{code}]" in result.stderr) == (number, True)
    assert parted.home.keyring.keystore("cashier").read_bytes() == before
