"""What a resident and a till hold: their keys, the codes they read and an HTTP client of the gateway.

No database, no chain, no server: a test asserts that nothing of these is ever loaded here.
"""
