"""Waiting payments are decided together; a bad one does not affect the others; nothing in the queue is lost."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.accept_queue import MAX_RUN, MAX_WAITING, AcceptQueue
from coin.errors import InvariantBroken, Rejected, Rejection, Unavailable
from coin.payments import Authorization, Outcome, Refused, Submission
from tests.api.caller import Caller
from tests.api.town import Town
from tests.patience import HANG_S
from tests.worlds.people import person

REFUSED = Refused(Rejected(Rejection.SIGNATURE_INVALID))
PAYERS = [person(f"payer {place}") for place in range(8)]


def submission(value: int) -> Submission:
    """Something to decide."""
    return Submission(Authorization(bytes(20), bytes(20), value, 0, 0, bytes(32), bytes(65)))


class Decider:
    """Decides by hand: waits for `go`, remembers the runs, and fails where it is told to."""

    def __init__(self, fail: Callable[[list[int]], Exception | None] = lambda _: None) -> None:
        self.called, self.go = threading.Event(), threading.Event()
        self.runs: list[list[int]] = []
        self._fail = fail

    def __call__(self, submissions: list[Submission]) -> list[Outcome]:
        self.called.set()
        self.go.wait(HANG_S)
        values = [item.authorization.value for item in submissions]
        self.runs.append(values)
        if error := self._fail(values):
            raise error
        return [REFUSED] * len(submissions)


async def started(
    queue: AcceptQueue, decider: Decider, *requests: list[int]
) -> list["asyncio.Task[list[Outcome]]"]:
    """Submit requests in this order, the others while the first is being decided."""
    tasks = []
    for values in requests:
        tasks.append(asyncio.create_task(queue.submit([submission(value) for value in values])))
        await asyncio.to_thread(decider.called.wait, HANG_S)
    return tasks


def test_what_waits_while_a_run_is_decided_makes_the_next_run() -> None:
    decider = Decider()
    queue = AcceptQueue(decider)

    async def scene() -> list[list[Outcome]]:
        tasks = await started(queue, decider, [1], [2, 3], [4], [5])
        decider.go.set()
        return list(await asyncio.gather(*tasks))

    answers = asyncio.run(scene())

    assert decider.runs == [[1], [2, 3, 4, 5]]
    assert [len(answer) for answer in answers] == [1, 2, 1, 1]


def test_a_run_has_no_more_than_its_maximum_and_requests_are_not_torn() -> None:
    decider = Decider()
    queue = AcceptQueue(decider)

    async def scene() -> None:
        tasks = await started(queue, decider, [0], list(range(600)), list(range(600)), [1])
        decider.go.set()
        await asyncio.gather(*tasks)

    asyncio.run(scene())

    assert [len(run) for run in decider.runs] == [1, 600, 601]
    assert max(len(run) for run in decider.runs) <= MAX_RUN


def test_an_unforeseen_failure_of_one_request_costs_no_other() -> None:
    decider = Decider(lambda values: ValueError("13") if 13 in values else None)
    queue = AcceptQueue(decider)

    async def scene() -> list[object]:
        tasks = await started(queue, decider, [1], [2], [13], [3])
        decider.go.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    answers = asyncio.run(scene())

    assert [isinstance(answer, ValueError) for answer in answers] == [False, False, True, False]


def test_a_database_that_is_gone_is_said_to_everyone_in_the_run_once() -> None:
    decider = Decider(lambda _: Unavailable("x", "x", code="database_unavailable"))
    queue = AcceptQueue(decider)

    async def scene() -> list[object]:
        tasks = await started(queue, decider, [1], [2], [3])
        decider.go.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    answers = asyncio.run(scene())

    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert decider.runs == [[1], [2, 3]]


def test_closing_decides_what_waits_and_refuses_what_comes() -> None:
    decider = Decider()
    queue = AcceptQueue(decider)

    async def scene() -> list[object]:
        tasks = await started(queue, decider, [1], [2])
        closing = asyncio.create_task(asyncio.to_thread(queue.close))
        await asyncio.sleep(0.05)
        late = asyncio.create_task(queue.submit([submission(3)]))
        await asyncio.sleep(0.01)
        decider.go.set()
        await closing
        return list(await asyncio.gather(*tasks, late, return_exceptions=True))

    answers = asyncio.run(scene())

    assert answers[:2] == [[REFUSED], [REFUSED]]
    assert isinstance(answers[2], Unavailable)
    assert answers[2].code == "shutting_down"


def test_a_queue_that_is_full_refuses_and_stays_usable() -> None:
    decider = Decider()
    queue = AcceptQueue(decider)

    async def scene() -> str:
        full = await started(queue, decider, [1], *[list(range(100))] * (MAX_WAITING // 100))
        with pytest.raises(Unavailable) as error:
            await queue.submit([submission(2)])
        decider.go.set()
        await asyncio.gather(*full)
        await queue.submit([submission(2)])
        return error.value.code

    assert asyncio.run(scene()) == "overloaded"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_broken_invariant_stops_the_process_and_decides_nothing_more() -> None:
    stopped = threading.Event()
    decider = Decider(lambda _: InvariantBroken("I-01"))
    queue = AcceptQueue(decider, stop=stopped.set)

    async def scene() -> list[object]:
        tasks = await started(queue, decider, [1], [2])
        decider.go.set()
        answers = list(await asyncio.gather(*tasks, return_exceptions=True))
        with pytest.raises(Unavailable):
            await queue.submit([submission(3)])
        return answers

    answers = asyncio.run(scene())

    assert stopped.wait(5)
    assert all(isinstance(answer, Unavailable) for answer in answers)
    assert decider.runs == [[1]]


def pay_often(call: Caller, town: Town, payer: int) -> list[str]:
    """Twenty payments of one payer, one after the other."""
    statuses = []
    for nonce in range(20):
        [result] = call.pay(call.authorization(PAYERS[payer], 12, 1_000, nonce))
        statuses.append(result["status"] if result["status"] == "accepted" else result["code"])
    return statuses


def test_payments_of_many_at_once_each_get_their_own_exact_answer(call: Caller) -> None:
    call.town.register(*PAYERS)
    for payer in PAYERS:
        call.town.charge(payer, 10_000)

    with ThreadPoolExecutor(len(PAYERS)) as pool:
        results = list(pool.map(lambda payer: pay_often(call, call.town, payer), range(len(PAYERS))))

    assert results == [["accepted"] * 11 + ["insufficient_balance"] * 9] * len(PAYERS)
    with call.town.database.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) AS n, sum(amount)::bigint AS yen, max(sequence) - min(sequence) + 1 AS run FROM payment"
        ).fetchone()
    assert row == {"n": 88, "yen": 88_000, "run": 88}


def test_one_payment_sent_by_twenty_at_once_moves_once(call: Caller) -> None:
    call.town.register(PAYERS[0])
    call.town.charge(PAYERS[0], 10_000)
    signed = call.authorization(PAYERS[0], 12, 1_000, 0)

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(lambda _: str(call.pay(signed)), range(20)))

    assert len(set(results)) == 1
    assert call.get(f"/wallets/{PAYERS[0].address}", call.log_in(PAYERS[0])).json()["balance"] == 10_000
