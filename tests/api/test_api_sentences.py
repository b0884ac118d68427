"""What the gateway says of a wrong field, once in Japanese and once in English; what it says of an error of its own catalogue
is held to the catalogue (`declared.py`, `test_error_pages.py`). Any other test asks for the code, the field or the bound.
"""

from tests.api.caller import Caller


def test_an_amount_or_a_text_that_is_out_of_range(shared_call: Caller) -> None:
    till = shared_call.till(12)
    large, small, long = (
        shared_call.post("/tills/checkouts", body, till).json()
        for body in ({"amount": 1 << 24}, {"amount": 0}, {"amount": 1, "reference": "x" * 1_000})
    )

    assert large["title"] == "amount: 大きすぎます（16777215 まで）。"
    assert large["detail"] == "amount: too large (at most 16777215)"
    assert small["title"] == "amount: 小さすぎます（1 以上）。"
    assert small["detail"] == "amount: too small (at least 1)"
    assert long["title"] == "reference: 長すぎます（64 まで）。"
    assert long["detail"] == "reference: too long (at most 64)"
