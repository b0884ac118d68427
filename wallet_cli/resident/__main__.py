"""`python -m wallet_cli.resident`."""

from wallet_cli.resident.main import main

main()
