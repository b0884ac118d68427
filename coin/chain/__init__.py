"""The chain: calldata, stored words as values, the contract and the node. Knows no database and no rules of the books."""
