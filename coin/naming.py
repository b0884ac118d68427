"""What the currency is called, on everything that people read; the rules of a town do not name it."""

CURRENCY_JA = "ばんだいコイン"
CURRENCY_EN = "Bandai Coin"
