"""The calldata that settles a batch, from the chain effects of the journal.

The worker decides which operations make a batch and when it is sent.
"""

from collections.abc import Sequence

from coin.chain.contract import settle_calldata, settle_late_calldata
from coin.records.codec import encode_batch
from coin.records.effects import Effect


def calldata_of(
    number: int,
    chain_first_sequence: int,
    as_of_s: int,
    effects: Sequence[Effect],
    approval: bytes | None = None,
) -> bytes:
    """Return the exact call of `settle`, or of `settleLate` with an approval; the same inputs give the same bytes.

    Shapes:  chain_first_sequence: the chain's number of the first effect; the others follow.
    Raises:  InvalidInput, Rejected, if the effects do not make a valid batch.
    """
    facts = (number, chain_first_sequence, as_of_s, encode_batch(effects, as_of_s), len(effects))
    return settle_calldata(*facts) if approval is None else settle_late_calldata(*facts, approval)
