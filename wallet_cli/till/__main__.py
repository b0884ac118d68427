"""`python -m wallet_cli.till`."""

from wallet_cli.till.main import main

main()
