"""Registered parties: the municipality, wallets, merchants, tills, credentials, sessions. Personal data are only here."""
