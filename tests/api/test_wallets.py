"""A wallet registers itself, reads itself and leases its own nonces; any other wallet looks as if it did not exist."""

import pytest

from coin.registry.wallets import MAX_LEASE
from tests.api.caller import Caller, problem
from tests.api.town import SHOPS
from tests.worlds.people import address_of, person
from tests.worlds.rules import FUND, YEAR_END_S

WALLET, OTHER, STRANGER = person("aoi"), person("riku"), person("stranger")


def test_a_wallet_registers_itself_and_a_second_time_changes_nothing(call: Caller) -> None:
    token = call.log_in(WALLET)

    first = call.post("/wallets", {"address": WALLET.address}, token)
    second = call.post("/wallets", {"address": WALLET.address.lower()}, token)

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json() == {"address": WALLET.address, "nonce_base": 0}


def test_nobody_registers_another_wallet(call: Caller) -> None:
    answer = call.post("/wallets", {"address": OTHER.address}, call.log_in(WALLET))

    assert problem(answer) == (404, "not_found", None)


def test_a_shop_cannot_be_a_wallet_too(call: Caller) -> None:
    shop = SHOPS[12]

    answer = call.post("/wallets", {"address": shop.address}, call.log_in(shop))

    assert problem(answer) == (422, "holder_is_merchant", "address")


def test_a_balance_is_given_by_lot_in_spending_order(call: Caller) -> None:
    call.town.register(WALLET)
    call.town.charge(WALLET, 10_000)

    answer = call.get(f"/wallets/{WALLET.address}", call.log_in(WALLET)).json()

    assert answer == {
        "address": WALLET.address,
        "balance": 11_000,
        "lots": [
            {"kind": "point", "expiry": YEAR_END_S, "fund": FUND, "amount": 1_000},
            {"kind": "coin", "expiry": YEAR_END_S, "fund": None, "amount": 10_000},
        ],
        "frozen_until": None,
        "nonce_base": 0,
    }


def test_what_has_expired_is_not_shown_as_balance(call: Caller) -> None:
    call.town.register(WALLET)
    call.town.charge(WALLET, 10_000)
    call.town.clock.set_ms(YEAR_END_S * 1000)

    answer = call.get(f"/wallets/{WALLET.address}", call.log_in(WALLET)).json()

    assert (answer["balance"], answer["lots"]) == (0, [])


@pytest.mark.parametrize("path", ["", "/history", "/nonces"])
def test_another_wallet_looks_exactly_like_one_that_does_not_exist(call: Caller, path: str) -> None:
    call.town.register(WALLET, OTHER)
    token = call.log_in(WALLET)

    def ask(address: str) -> tuple[int, bytes]:
        if path == "/nonces":
            answer = call.post(f"/wallets/{address}{path}", {"device": "a", "count": 1}, token)
        else:
            answer = call.get(f"/wallets/{address}{path}", token)
        return answer.status_code, answer.content

    assert ask(OTHER.address) == ask(STRANGER.address)
    assert ask(OTHER.address)[0] == 404


def test_a_wallet_that_is_not_registered_is_told_so(call: Caller) -> None:
    token = call.log_in(WALLET)

    answers = [
        call.get(f"/wallets/{WALLET.address}", token),
        call.get(f"/wallets/{WALLET.address}/history", token),
        call.post(f"/wallets/{WALLET.address}/nonces", {"device": "a", "count": 1}, token),
    ]

    assert [problem(answer)[:2] for answer in answers] == [(404, "wallet_unknown")] * 3


def test_an_address_with_a_slip_of_a_letter_is_named(call: Caller) -> None:
    token = call.log_in(WALLET)
    slipped = WALLET.address[:-1] + ("0" if WALLET.address[-1] != "0" else "1")

    answers = [call.get(f"/wallets/{slipped}", token), call.get("/wallets/0x12", token)]

    assert [problem(answer) for answer in answers] == [(400, "invalid_input", "address")] * 2


def test_two_devices_never_borrow_the_same_nonce(call: Caller) -> None:
    call.town.register(WALLET)
    call.town.charge(WALLET, 1_000)
    token = call.log_in(WALLET)

    def lease(device: str) -> list[int]:
        body = {"device": device, "count": MAX_LEASE}
        answer = call.post(f"/wallets/{WALLET.address}/nonces", body, token).json()
        assert answer["until"] > call.town.clock.now_ms()
        return list(answer["nonces"])

    phone, tablet, phone_again = lease("phone"), lease("tablet"), lease("phone")

    assert phone == phone_again == list(range(MAX_LEASE))
    assert not set(phone) & set(tablet)


def test_a_window_without_free_nonces_is_a_conflict(call: Caller) -> None:
    call.town.register(WALLET)
    call.town.charge(WALLET, 1_000)
    token = call.log_in(WALLET)
    path = f"/wallets/{WALLET.address}/nonces"
    for device in range(120 // MAX_LEASE):
        call.post(path, {"device": str(device), "count": MAX_LEASE}, token)

    answer = call.post(path, {"device": "last", "count": MAX_LEASE}, token)

    assert problem(answer)[:2] == (409, "nonces_exhausted")


def test_a_history_is_read_page_by_page_newest_first(call: Caller) -> None:
    call.town.register(WALLET, OTHER)
    call.town.charge(WALLET, 10_000)
    results = [call.pay(call.authorization(WALLET, 12, 100 + place, place))[0] for place in range(4)]
    call.pay(call.signed(WALLET, address_of(OTHER), 50, 4))
    token = call.log_in(WALLET)

    pages, cursor = [], None
    while cursor is not None or not pages:
        query = {"count": 4} | ({"cursor": cursor} if cursor else {})
        page = call.get(f"/wallets/{WALLET.address}/history", token, **query).json()
        pages.append(page["items"])
        cursor = page["next_cursor"]

    items = [item for page in pages for item in page]
    assert [len(page) for page in pages] == [4, 2]
    assert [(item["what"], item["amount"]) for item in items] == [
        ("send", -50),
        ("payment", -103),
        ("payment", -102),
        ("payment", -101),
        ("payment", -100),
        ("top_up", 11_000),
    ]
    assert [item["payment"] for item in items[1:5]] == [result["payment"] for result in reversed(results)]
    assert items[1]["others"] == [{"kind": "merchant", "reference": "000012", "name": "商店12"}]
    assert [other["name"] for place in (0, 5) for other in items[place]["others"]] == [None, "窓口", "町"]
    assert (
        sum(item["amount"] for item in items)
        == call.get(f"/wallets/{WALLET.address}", token).json()["balance"]
    )


@pytest.mark.parametrize("cursor", ["x", "=" * 22, "../../etc/passwd", "A" * 23, "あ" * 22, "1 OR 1=1"])
def test_a_cursor_that_is_none_of_ours_is_named(call: Caller, cursor: str) -> None:
    call.town.register(WALLET)

    answer = call.get(f"/wallets/{WALLET.address}/history", call.log_in(WALLET), cursor=cursor)

    assert problem(answer) == (400, "invalid_input", "cursor")
