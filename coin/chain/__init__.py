"""The chain: records and batches as bytes, words as values, and JSON-RPC; no database, no rules of the books."""
