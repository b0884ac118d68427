"""`bandai-till`: a till's folder, its display, and the commands."""
