"""`bandai-wallet`: a resident's folder, keys and recovery words, and the commands."""
