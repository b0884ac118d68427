"""What a resident and a till hold: a home folder each, and commands that hand what is typed to `bandai_client`.

`resident` is the wallet's command, `till` the till's; neither imports the other, and `common` is what both need.
No database, no chain, no server: a test asserts that nothing of these is ever loaded here.
"""
