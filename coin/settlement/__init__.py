"""Settlement: writes accepted operations to the chain in batches. Sealing, sending, confirming, incidents, and the worker."""
