"""Records: the signed operations as the chain replays them, and the bytes of a batch."""
