"""A device becomes a till with a code that is valid once and for 15 minutes and cannot be guessed."""

import unicodedata

import httpx
import pytest

from api.app import build_app
from api.gateway import Gateway
from api.limits import Limits
from coin.codes import new_code
from coin.errors import Conflict, NotFound
from coin.office import credentials
from coin.registry.pairing import CODE_LENGTH, LIFE_MS, PairingCode
from tests.api.caller import Caller, problem
from tests.served import serving


def set_up(call: Caller, label: str = "レジ2") -> PairingCode:
    town = call.town
    with town.books() as books:
        _, code = credentials.open_till(books, 12, label, actor="bandai-town clerk")
    return code


def renewed(call: Caller, label: str = "レジ2") -> PairingCode:
    town = call.town
    with town.books() as books:
        _, code = credentials.renew_pairing(books, 12, label, actor="bandai-town clerk")
    return code


def pair(call: Caller, code: PairingCode) -> httpx.Response:
    return call.post("/tills/pairings", {"code": code.code})


def log_in(call: Caller, credential: str) -> httpx.Response:
    return call.post("/sessions/credentials", {"credential": credential})


def test_a_code_gives_the_tills_credential_which_opens_checkouts_of_its_shop(call: Caller) -> None:
    answer = pair(call, set_up(call))

    paired = answer.json()
    assert answer.status_code == 201
    assert (paired["label"], paired["merchant"]["name"]) == ("レジ2", "商店12")
    token = log_in(call, paired["credential"]).json()["token"]
    opened = call.post("/tills/checkouts", {"amount": 300}, token).json()
    assert opened["merchant"]["number"] == 12


def test_a_code_is_used_once(call: Caller) -> None:
    code = set_up(call)
    pair(call, code)

    assert problem(pair(call, code)) == (401, "pairing_code_invalid", "code")


def test_a_code_lapses_after_fifteen_minutes(call: Caller) -> None:
    first, second = set_up(call), set_up(call, "レジ3")

    call.town.clock.advance_ms(LIFE_MS - 1)
    in_time = pair(call, first)
    call.town.clock.advance_ms(1)
    late = pair(call, second)

    assert in_time.status_code == 201
    assert problem(late) == (401, "pairing_code_invalid", "code")


def test_a_new_code_ends_the_earlier_one_of_the_same_till_only(call: Caller) -> None:
    first, other = set_up(call), set_up(call, "レジ3")

    second = renewed(call)

    assert problem(pair(call, first))[1] == "pairing_code_invalid"
    assert [pair(call, code).status_code for code in (second, other)] == [201, 201]


def test_a_device_that_is_paired_anew_ends_the_credential_and_the_sessions_of_the_old_one(
    call: Caller,
) -> None:
    old = pair(call, set_up(call)).json()["credential"]
    token = log_in(call, old).json()["token"]

    new = pair(call, renewed(call)).json()["credential"]

    assert problem(log_in(call, old))[1] == "credential_invalid"
    assert problem(call.post("/tills/checkouts", {"amount": 1}, token))[1] == "session_invalid"
    assert log_in(call, new).status_code == 200


def test_a_till_without_a_shop_or_of_the_same_label_gets_no_code(call: Caller) -> None:
    set_up(call)

    with pytest.raises(Conflict) as again:
        set_up(call)
    with pytest.raises(NotFound) as unknown:
        renewed(call, "レジ9")

    assert (again.value.code, unknown.value.code) == ("till_exists", "till_unknown")


def test_neither_code_nor_credential_stands_in_the_books_and_each_step_has_its_row(call: Caller) -> None:
    code = set_up(call)
    waiting = tables(call)
    credential = pair(call, code).json()["credential"]

    assert code.code not in waiting + tables(call)
    assert credential not in tables(call)
    with call.town.database.transaction() as connection:
        rows = connection.execute("SELECT action, actor FROM audit ORDER BY id DESC LIMIT 2").fetchall()
    assert [row["action"] for row in rows] == ["till_paired", "till_opened"]
    assert rows[0]["actor"].startswith("till ")


def tables(call: Caller) -> str:
    with call.town.database.transaction() as connection:
        names = ("pairing", "credential", "audit", "till")
        return "".join(
            str(connection.execute(f"SELECT {name}::text FROM {name}").fetchall()) for name in names
        )


@pytest.mark.parametrize(
    "code", ["", "7Q4MV0XH2KT", "7Q4M-V0XH-2KTB", "7q4mv0xh2ktb", "7Q4MV0XH2KTU", 123, None]
)
def test_what_cannot_be_a_code_is_named(call: Caller, code: object) -> None:
    assert problem(call.post("/tills/pairings", {"code": code})) == (400, "invalid_input", "code")


def test_an_address_that_guesses_is_slowed_to_one_a_second_and_another_can_still_pair(
    gateway: Gateway, call: Caller
) -> None:
    code = set_up(call)
    with serving(build_app(gateway, limits=Limits(), now=lambda: 0.0), lifespan="off") as url:
        guesses = [guess(url, new_code(CODE_LENGTH)) for _ in range(6)]
        elsewhere = guess(url, code.code, address="127.0.0.2")

    assert [answer.status_code for answer in guesses] == [401] * 5 + [429]
    assert guesses[-1].headers["retry-after"] == "1"
    assert elsewhere.status_code == 201


def guess(url: str, code: str, address: str = "127.0.0.1") -> httpx.Response:
    with httpx.Client(base_url=url, transport=httpx.HTTPTransport(local_address=address)) as http:
        return http.post("/v1/tills/pairings", json={"code": code})


def test_a_label_that_looks_the_same_is_the_same_till(call: Caller) -> None:
    set_up(call, "レジ1")
    decomposed = unicodedata.normalize("NFD", "レジ1")

    for label in ("ﾚｼﾞ1", "レジ１", "レジ 1", decomposed):
        with pytest.raises(Conflict) as again:
            set_up(call, label)
        assert again.value.code == "till_exists"

    with call.town.books() as books:
        till, _ = credentials.renew_pairing(books, 12, "ﾚｼﾞ1", actor="bandai-town clerk")
        other, _ = credentials.open_till(books, 12, unicodedata.normalize("NFD", "ガレージ"), actor="clerk")
    assert (till.label, other.label) == ("レジ1", "ガレージ")
