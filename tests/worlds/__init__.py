"""The towns that tests act in: `books` (real books), `settled` (with a chain and the settler), `contract` (the contract alone).

A later kind of record needs one method in `books` and one in `contract`. What a folder adds, such as callers over HTTP or
the moves of a history, stands beside its tests and builds on these.
"""
