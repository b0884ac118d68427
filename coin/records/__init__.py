"""Records: the catalogue of kinds, the signed operations as the chain replays them, and the encoding of batches."""
