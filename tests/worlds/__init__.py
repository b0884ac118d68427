"""The worlds that tests act in, one builder a layer: rules, books, books with a chain, the contract alone.

A later kind of record needs one method in `books` and one in `contract`; what a folder adds (callers over HTTP, the moves
of a history) stands beside its tests and builds on these.
"""
