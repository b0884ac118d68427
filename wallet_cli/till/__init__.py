"""`bandai-till`: the folder of a till, what it shows, and the commands."""
