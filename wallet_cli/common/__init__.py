"""What the wallet and the till share: private files, the pinned town, how commands ask and answer."""
