"""What a shop writes on a checkout can be a person's name: its tills read it, and nobody who reads the books, or pays."""

import json

import pytest

from api.gateway import Gateway
from coin.settlement.sweep import _SWEEP, KEPT_DAYS
from tests.api.caller import Caller, problem
from tests.worlds.people import person

PAYER = person("aoi")
NAME = "席3　田中花子様"


@pytest.fixture
def charged(call: Caller) -> Caller:
    call.town.register(PAYER)
    call.town.charge(PAYER, 10_000)
    return call


def test_all_tills_of_the_shop_read_it_and_the_payer_does_not(charged: Caller) -> None:
    opened = charged.open_checkout(12, 500, reference=NAME)
    path = f"/checkouts/{opened['checkout']}"
    charged.pay(charged.authorization(PAYER, 12, 500, 0, opened["checkout"]))

    [recent] = charged.get("/tills/checkouts", charged.till(12)).json()["items"]
    [paid] = charged.get("/tills/payments", charged.till(12)).json()["items"]

    assert opened["reference"] == NAME
    assert charged.get(path, charged.till(12)).json()["reference"] == NAME
    assert recent["checkout"]["reference"] == paid["reference"] == NAME
    payer = charged.get(path, charged.log_in(PAYER)).json()
    assert (payer["status"], payer["reference"]) == ("paid", None)


def test_no_table_holds_it_in_clear_nor_a_digest_that_can_be_guessed_from(charged: Caller) -> None:
    body = {"amount": 500, "reference": NAME}
    till = charged.till(12)

    first = charged.post("/tills/checkouts", body, till, key="k1")
    again = charged.post("/tills/checkouts", body, till, key="k1")
    other = charged.post("/tills/checkouts", body | {"reference": "別の人"}, till, key="k1")

    assert again.json() == first.json()
    assert problem(other)[:2] == (409, "idempotency_key_reused")
    tables = charged.town.rows(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    everything = json.dumps(
        [charged.town.rows(f"SELECT * FROM {row['relname']}") for row in tables], default=_as_text
    )
    assert first.json()["checkout"] in everything
    for part in (NAME, "田中", json.dumps(NAME)[1:-1], NAME.encode().hex(), "田中".encode().hex()):
        assert part not in everything


def _as_text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


@pytest.mark.parametrize("reference", ["", "x" * 65, "a\nb", "\x1b[2J", "\u202eevil"])
def test_what_could_change_a_screen_or_is_too_long_is_refused(charged: Caller, reference: str) -> None:
    answer = charged.post("/tills/checkouts", {"amount": 1, "reference": reference}, charged.till(12))

    assert problem(answer) == (400, "invalid_input", "reference")
    assert charged.town.rows("SELECT 1 FROM checkout") == []


def test_it_goes_with_the_checkout_that_nobody_paid_and_stays_with_one_that_was(charged: Caller) -> None:
    paid = charged.open_checkout(12, 100, reference=NAME)["checkout"]
    charged.open_checkout(12, 100, reference=NAME)
    charged.pay(charged.authorization(PAYER, 12, 100, 0, paid))

    with charged.town.books() as books:
        until = books.now_ms() + KEPT_DAYS * 86_400_000
        at = {"municipality": charged.town.code, "end": 0, "id": "", "until": until, "most": 10}
        books.connection.execute(_SWEEP, at)

    subjects = [row["subject"] for row in charged.town.rows("SELECT subject FROM personal_data")]
    assert subjects == [f"checkout:{paid}"]


def test_a_row_that_somebody_moved_to_another_checkout_is_not_read(charged: Caller, gateway: Gateway) -> None:
    one, other = (charged.open_checkout(12, 100, reference=text)["checkout"] for text in (NAME, "席4"))
    charged.town.rows("DELETE FROM personal_data WHERE subject = %s", f"checkout:{other}")
    charged.town.rows(
        "UPDATE personal_data SET subject = %s WHERE subject = %s", f"checkout:{other}", f"checkout:{one}"
    )

    assert charged.get(f"/checkouts/{other}", charged.till(12)).json()["reference"] is None
