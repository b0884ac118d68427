"""Who takes part: the municipality, wallets, merchants, tills, credentials, sessions; personal data stand only here."""
