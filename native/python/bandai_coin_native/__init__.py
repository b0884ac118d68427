"""The compiled core of ばんだいコイン; use it through `coin.core`, which names and checks its batches."""
