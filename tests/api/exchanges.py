"""Plays every operation of the API against a real gateway and records what was sent and answered, for the API's page."""

import json
import shlex
from typing import Any

from coin.office.credentials import open_till
from tests.api.caller import Caller, bearer
from tests.worlds.people import person

PAYER = person("resident")
_LONGEST_LIST = 1
Exchange = dict[str, Any]


class Recorder:
    """Sends requests as the page shows them, and keeps each with its answer."""

    def __init__(self, call: Caller) -> None:
        self._call = call
        self.exchanges: dict[str, Exchange] = {}

    def send(
        self, label: str, path: str, *, token: str | None = None, body: Any = None, key: str | None = None
    ) -> Any:
        """Send one request and return its answer."""
        method = label.partition(" ")[0]
        headers = bearer(token) | ({"Idempotency-Key": key} if key else {})
        answer = self._call.http.request(method, path, headers=headers, json=body)
        said = answer.json() if answer.content else None
        shown = _curl(label, path, has_token=token is not None, body=body, key=key)
        self._keep(label, shown, answer.status_code, _pretty(_shortened(said)))
        return said

    def first_event(self, label: str, path: str, token: str, last: int | None = None) -> None:
        """Open a stream and keep its first event."""
        headers = bearer(token) | ({} if last is None else {"Last-Event-ID": str(last)})
        with self._call.http.stream("GET", path, headers=headers) as answer:
            lines = []
            for line in answer.iter_lines():
                lines.append(line)
                if not line and any(text.startswith("data: ") for text in lines):
                    break
        shown = ["curl -sSN", f'"$API{path}"', '-H "Authorization: Bearer $TOKEN"']
        shown += [] if last is None else [f'-H "Last-Event-ID: {last}"']
        self._keep(label, shown, answer.status_code, "\n".join(lines).strip())

    def _keep(self, label: str, shown: list[str], status: int, answer: str) -> None:
        self.exchanges[label] = {"request": " \\\n  ".join(shown), "status": status, "answer": answer}


def _curl(label: str, path: str, *, has_token: bool, body: Any, key: str | None) -> list[str]:
    """Return the parts of the command line that sends a request."""
    method = label.partition(" ")[0]
    is_said = method == "GET" or body is not None  # curl sends GET, or POST with a body
    parts = ["curl -sS" if is_said else f"curl -sS -X {method}", f'"$API{path}"']
    parts += ['-H "Authorization: Bearer $TOKEN"'] if has_token else []
    parts += [f'-H "Idempotency-Key: {key}"'] if key else []
    return parts + (
        [f"--json {shlex.quote(json.dumps(body, ensure_ascii=False))}"] if body is not None else []
    )


def _shortened(answer: Any) -> Any:
    """Return an answer whose long lists show their first item; the page says what the rest is like."""
    if isinstance(answer, dict):
        return {name: _shortened(value) for name, value in answer.items()}
    return [_shortened(item) for item in answer[:_LONGEST_LIST]] if isinstance(answer, list) else answer


def _pretty(answer: Any) -> str:
    return "" if answer is None else json.dumps(answer, ensure_ascii=False, indent=2)


def play(call: Caller) -> dict[str, Exchange]:
    """Return the exchange of every operation, by its method and path."""
    recorder = Recorder(call)
    _public(recorder)
    token = _resident(recorder, call)
    till = _shop(recorder, call)
    _payment(recorder, call, token, till)
    recorder.send("DELETE /v1/sessions/current", "/v1/sessions/current", token=token)
    return recorder.exchanges


def _public(recorder: Recorder) -> None:
    for path in ("/v1/municipality", "/v1/typed-data", "/v1/public/figures", "/v1/health"):
        recorder.send(f"GET {path}", path)


def _resident(recorder: Recorder, call: Caller) -> str:
    challenge = recorder.send(
        "POST /v1/sessions/challenges", "/v1/sessions/challenges", body={"wallet": PAYER.address}
    )
    session = recorder.send("POST /v1/sessions", "/v1/sessions", body=call.proof(PAYER, challenge))
    token, own = str(session["token"]), f"/v1/wallets/{PAYER.address}"
    recorder.send(
        "POST /v1/wallets", "/v1/wallets", token=token, body={"address": PAYER.address}, key="register-1"
    )
    call.town.charge(PAYER, 5_000)
    recorder.send("GET /v1/wallets/{address}", own, token=token)
    body = {"device": "phone", "count": 2}
    recorder.send("POST /v1/wallets/{address}/nonces", f"{own}/nonces", token=token, body=body)
    body = {"amount": 500}
    label = "POST /v1/merchants/{number}/checkouts"
    opened = recorder.send(label, "/v1/merchants/12/checkouts", token=token, body=body, key="checkout-1")
    recorder.send("GET /v1/checkouts/{checkout}", f"/v1/checkouts/{opened['checkout']}", token=token)
    return token


def _shop(recorder: Recorder, call: Caller) -> str:
    with call.town.books() as books:
        _, pairing = open_till(books, 12, "レジ2", actor="clerk")
    paired = recorder.send("POST /v1/tills/pairings", "/v1/tills/pairings", body={"code": pairing.code})
    body = {"credential": paired["credential"]}
    session = recorder.send("POST /v1/sessions/credentials", "/v1/sessions/credentials", body=body)
    till = str(session["token"])
    body = {"amount": 300, "reference": "席3"}
    label = "POST /v1/tills/checkouts/{checkout}/cancellation"
    wrong = recorder.send(
        "POST /v1/tills/checkouts", "/v1/tills/checkouts", token=till, body=body, key="till-1"
    )
    recorder.send(label, f"/v1/tills/checkouts/{wrong['checkout']}/cancellation", token=till)
    return till


def _payment(recorder: Recorder, call: Caller, token: str, till: str) -> None:
    call.town.clock.advance_ms(60_000)  # of two checkouts in one millisecond, either comes first
    opened = call.post("/tills/checkouts", {"amount": 1_250, "reference": "席3"}, till).json()["checkout"]
    body = {"authorizations": [call.authorization(PAYER, 12, 1_250, 0, opened)]}
    [paid] = recorder.send("POST /v1/payments", "/v1/payments", body=body)["results"]
    own = f"/v1/wallets/{PAYER.address}"
    for place in ("history", "payments"):
        recorder.send(f"GET /v1/wallets/{{address}}/{place}", f"{own}/{place}", token=token)
    payment = paid["payment"]
    recorder.send("GET /v1/payments/{payment}", f"/v1/payments/{payment}", token=token)
    body = call.cancellation(PAYER, 1)
    recorder.send("POST /v1/payments/cancellations", "/v1/payments/cancellations", body=body)
    recorder.first_event("GET /v1/checkouts/{checkout}/events", f"/v1/checkouts/{opened}/events", till)
    for path in ("/v1/tills/checkouts", "/v1/tills/payments"):
        recorder.send(f"GET {path}", path, token=till)
    recorder.first_event("GET /v1/tills/payments/events", "/v1/tills/payments/events", till, 0)


def shape(answer: str) -> Any:
    """Return the names and types in an answer, without its values."""
    try:
        return _shape(json.loads(answer)) if answer else None
    except ValueError:  # an event
        data = [line.removeprefix("data: ") for line in answer.splitlines() if line.startswith("data: ")]
        return [_shape(json.loads(text)) for text in data]


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    return [_shape(part) for part in value] if isinstance(value, list) else type(value).__name__
