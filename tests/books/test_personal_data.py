"""Personal data are encrypted and bound to their subject, and their key is stored elsewhere. I-12."""

from pathlib import Path

import pytest

from coin.errors import Conflict, Forbidden, InvalidInput, NotFound
from coin.registry.personal import PersonalData, create_key_file, open_personal_data
from tests.worlds.books import Town

FACTS = {"name": "山田 愛子", "account": "1234567"}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "personal.key"
    create_key_file(path, data_folder=tmp_path / "data")
    return path


def test_what_is_put_is_read_again_and_not_seen_in_the_table(town: Town, key_file: Path) -> None:
    data = open_personal_data(key_file)
    with town.database.transaction() as connection:
        data.put(connection, "074071", "merchant:000001", FACTS)

        assert data.get(connection, "074071", "merchant:000001") == FACTS
    sealed = town.rows("SELECT ciphertext FROM personal_data")[0]["ciphertext"]
    assert isinstance(sealed, bytes)
    assert b"1234567" not in sealed
    assert "山田".encode() not in sealed


def test_a_row_moved_to_another_subject_does_not_open(town: Town, key_file: Path) -> None:
    data = open_personal_data(key_file)
    with town.database.transaction() as connection:
        data.put(connection, "074071", "merchant:000001", FACTS)
    town.rows("UPDATE personal_data SET subject = 'merchant:000002'")

    with pytest.raises(Forbidden), town.database.transaction() as connection:
        data.get(connection, "074071", "merchant:000002")


def test_another_key_does_not_open_it(town: Town, key_file: Path) -> None:
    with town.database.transaction() as connection:
        open_personal_data(key_file).put(connection, "074071", "merchant:000001", FACTS)

    with pytest.raises(Forbidden), town.database.transaction() as connection:
        PersonalData(bytes(32)).get(connection, "074071", "merchant:000001")


def test_a_subject_that_nobody_knows_is_not_found(town: Town) -> None:
    with pytest.raises(NotFound), town.database.transaction() as connection:
        PersonalData(bytes(32)).get(connection, "074071", "merchant:000009")


def test_the_key_is_made_once_for_its_owner_only_and_outside_the_data(tmp_path: Path, key_file: Path) -> None:
    assert key_file.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Conflict):
        create_key_file(key_file, data_folder=tmp_path / "data")
    with pytest.raises(InvalidInput):
        create_key_file(tmp_path / "data" / "key", data_folder=tmp_path / "data")


def test_a_key_that_others_can_read_is_refused(key_file: Path) -> None:
    key_file.chmod(0o640)

    with pytest.raises(Forbidden):
        open_personal_data(key_file)
