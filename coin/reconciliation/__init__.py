"""Reconciliation: compares the books with the chain, and each row of the books with the signed records. Only reads."""
