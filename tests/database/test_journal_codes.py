"""The codes of the journal's lines are those of Python and no other."""

import re

import psycopg

from coin.records.journal_codes import JournalCode


def test_the_column_takes_every_code_of_the_enum_and_no_other(owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        row = connection.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'journal_code_is_known'"
        ).fetchone()

    assert row is not None
    assert sorted(re.findall(r"'(\w+)'", row[0])) == sorted(JournalCode)
