"""The books: accounts, the journal, balances and statements. Knows ids, no names."""
