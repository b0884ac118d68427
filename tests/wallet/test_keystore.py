"""A keystore gives its keys back for its password only, is readable by its owner only, and loses none."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from bandai_client import Key
from coin import keystore as file_format
from coin.errors import Conflict, InvalidInput, NotFound, Unauthorized
from wallet_cli.resident.keystore import Keystore

PASSWORD = "磐梯山の宝 2022"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def some_keys(*names):
    return {name: Key.create() for name in names}


def test_keys_that_were_added_are_there_after_opening_the_file_again(path):
    keys = some_keys("普段", "予備")
    Keystore.create(path, PASSWORD).add(keys)

    opened = Keystore.open(path, PASSWORD)

    assert opened.keys == keys
    assert opened.get("予備").address == keys["予備"].address


def test_two_hundred_keys_are_added_at_once_and_read_back(path):
    keys = some_keys(*(f"wallet {i}" for i in range(200)))

    Keystore.create(path, PASSWORD).add(keys)

    assert Keystore.open(path, PASSWORD).keys == keys


def test_a_wrong_password_opens_nothing(path):
    Keystore.create(path, PASSWORD).add(some_keys("普段"))

    with pytest.raises(Unauthorized) as refusal:
        Keystore.open(path, PASSWORD + "!")

    assert refusal.value.code == "passphrase_wrong"


def test_a_password_typed_in_full_width_letters_opens_the_same_file(path):
    Keystore.create(path, "Bandai 2022").add(some_keys("普段"))

    assert list(Keystore.open(path, "Ｂａｎｄａｉ　２０２２").keys) == ["普段"]


def test_a_short_password_makes_no_file(path):
    with pytest.raises(InvalidInput) as refusal:
        Keystore.create(path, "1234567")

    assert refusal.value.field == "password"
    assert not path.exists()


def test_a_second_create_leaves_the_first_file_alone(path):
    Keystore.create(path, PASSWORD).add(some_keys("普段"))

    with pytest.raises(Conflict):
        Keystore.create(path, PASSWORD)

    assert list(Keystore.open(path, PASSWORD).keys) == ["普段"]


def test_the_file_is_readable_by_its_owner_only_whatever_the_umask(path):
    before = os.umask(0)
    try:
        Keystore.create(path, PASSWORD).add(some_keys("普段"))
    finally:
        os.umask(before)

    assert path.stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_can_read_is_refused_with_the_command_that_helps(path):
    Keystore.create(path, PASSWORD)
    path.chmod(0o640)

    with pytest.raises(InvalidInput) as refusal:
        Keystore.open(path, PASSWORD)

    assert refusal.value.code == "keystore_open_to_others"
    assert f"chmod 600 {path}" in refusal.value.ja


def test_a_missing_and_a_damaged_file_are_told_apart(path):
    with pytest.raises(NotFound):
        Keystore.open(path, PASSWORD)
    path.write_text("{")
    path.chmod(0o600)
    with pytest.raises(InvalidInput) as damaged:
        Keystore.open(path, PASSWORD)

    assert damaged.value.code == "keystore_invalid"


def test_no_secret_stands_in_the_file_or_in_any_text_of_a_key(path):
    keys = some_keys("普段")
    Keystore.create(path, PASSWORD).add(keys)

    secret = keys["普段"].secret

    assert secret.hex() not in path.read_text()
    assert secret.hex() not in repr(keys) + str(keys["普段"])
    assert repr(secret) not in repr(keys)


def test_an_address_exchanged_in_the_file_is_noticed(path):
    Keystore.create(path, PASSWORD).add(some_keys("普段"))
    content = json.loads(path.read_text())
    content["keys"][0]["address"] = str(Key.create())
    path.write_text(json.dumps(content))

    with pytest.raises(Unauthorized):
        Keystore.open(path, PASSWORD)


def test_a_name_or_a_key_that_is_there_already_is_refused_and_nothing_is_added(path):
    first = some_keys("普段")
    store = Keystore.create(path, PASSWORD)
    store.add(first)

    for double in ({"普段": Key.create()}, {"別名": first["普段"]}):
        with pytest.raises(Conflict):
            store.add(some_keys("新しい") | double)

    assert Keystore.open(path, PASSWORD).keys == first


def test_programs_that_add_keys_at_the_same_time_lose_none(path):
    Keystore.create(path, PASSWORD)
    stores = [Keystore.open(path, PASSWORD) for _ in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: stores[i].add(some_keys(f"wallet {i}")), range(8)))

    assert set(Keystore.open(path, PASSWORD).keys) == {f"wallet {i}" for i in range(8)}


def test_a_name_that_is_not_there_is_named(path):
    with pytest.raises(NotFound) as refusal:
        Keystore.create(path, PASSWORD).get("second")

    assert refusal.value.code == "key_unknown"
    assert "second" in refusal.value.ja


def test_the_real_cost_of_a_password_is_a_hundred_megabytes_of_scrypt():
    assert 1 << file_format.COST_LOG2 >= 1 << 17
