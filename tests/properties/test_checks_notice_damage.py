"""Each check of a history can fail: what is damaged by hand, as the owner of the database could, is named."""

import history_checks as checks
import psycopg
import pytest
from history_town import Disagreement, HistoryTown

DAMAGE = {
    "I-01": (
        checks.debits_equal_credits,
        "UPDATE balance SET amount = amount + 5 WHERE kind = 'coin' AND amount > 0",
    ),
    "I-02": (
        checks.no_lot_was_ever_below_zero,
        "UPDATE journal SET amount = 5000 WHERE code = 'payment' AND kind = 'coin'",
    ),
    "I-03": (
        checks.each_authorization_moved_once,
        "DELETE FROM chain_effect WHERE kind = 4",
    ),
    "I-04": (
        checks.every_number_is_settled_once,
        "UPDATE batch SET state = 'mined' WHERE number = 1",
    ),
    "I-05": (
        checks.dates_and_merchants_add_up,
        "UPDATE journal SET amount = amount + 1 WHERE code = 'top_up'",
    ),
    "I-06": (
        checks.nothing_expired_paid,
        "UPDATE operation SET accepted_at_ms = accepted_at_ms + 100 * 86400000::bigint WHERE kind = 4",
    ),
    "I-07": (
        checks.every_signature_is_good_elsewhere,
        "UPDATE chain_effect SET words = set_byte(words, 95, get_byte(words, 95) + 1) WHERE kind = 4",
    ),
    "I-11": (
        checks.the_journal_gives_the_balances,
        "UPDATE balance SET amount = amount - 1 WHERE kind = 'point' AND amount > 0",
    ),
}


def test_an_undamaged_town_passes_every_check(settled_town: HistoryTown) -> None:
    checks.check_drained(settled_town)


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_by_its_invariant(settled_town: HistoryTown, name: str) -> None:
    check, damage = DAMAGE[name]

    with psycopg.connect(settled_town.owner_url, autocommit=True) as owner:
        # the owner may switch the guards of the journal off; our processes may not
        owner.execute("SET session_replication_role = replica")
        assert owner.execute(damage.encode()).rowcount > 0

    with pytest.raises(Disagreement, match=name):
        check(settled_town)
