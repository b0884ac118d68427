"""From accepted operations to confirmed blocks, and back: sealing, sending, confirming, reconciling."""
