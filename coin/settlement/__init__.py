"""From accepted operations to confirmed blocks: sealing, sending, confirming, incidents, and the worker that does it."""
