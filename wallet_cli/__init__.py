"""The programs of a resident and of a till: each has a home folder, and commands that call `bandai_client`.

`resident` is the wallet's program, `till` is the till's; neither imports the other, and both use `common`. No database,
chain or server code is loaded here; a test asserts it.
"""
