"""Reconciliation: the books against the chain, each row of them against the signed records. Reads, and changes nothing."""
