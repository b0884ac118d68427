"""`bandai-wallet`: the folder of a resident, the keys and words in it, and the commands."""
