"""The books: accounts, the journal, and what they add up to. Knows ids, no names."""
