"""The chain executes what the books accept, whatever happens in between: random histories are settled and compared."""

import os
import secrets
from collections import Counter

import pytest
from history_stage import Stage, describe

FAST_SEEDS = (11, 14)
FAST_LENGTH = 60
PORTIONS = 12
HISTORIES = int(os.environ.get("BANDAI_HISTORIES", "20"))
LENGTH = 90


@pytest.mark.parametrize("seed", FAST_SEEDS)
def test_a_history_ends_with_equal_books_and_chain(stage: Stage, seed: int) -> None:
    played = stage.draw(seed, FAST_LENGTH)

    assert played.error is None, describe(stage, played)
    assert sum(code == "accepted" for _, code in played.answers) > FAST_LENGTH // 3, Counter(played.answers)


@pytest.mark.slow
@pytest.mark.parametrize("portion", range(PORTIONS))
def test_hundreds_of_histories_end_with_equal_books_and_chain(stage: Stage, portion: int) -> None:
    """BANDAI_HISTORY_SEED plays one printed seed again."""
    given = os.environ.get("BANDAI_HISTORY_SEED")
    seeds = [int(given)] if given else [secrets.randbits(48) for _ in range(HISTORIES)]
    answers: Counter[tuple[str, str]] = Counter()

    for seed in seeds:
        played = stage.draw(seed, LENGTH)
        answers.update(played.answers)
        assert played.error is None, describe(stage, played)

    accepted = {move for move, code in answers if code == "accepted"}
    print(f"portion {portion}: {len(seeds)} histories, {sum(answers.values())} answers")  # noqa: T201
    assert (
        given or {"Charge", "Pay", "CancelNonce", "RedeemShop", "Shop", "OpenDate", "ChangeRole"} <= accepted
    )
