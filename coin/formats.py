"""The numbers that docs/formats.md fixes, each once: widths of fields, ends of windows, spans of time.

Python imports them, SQL gets them when its functions are installed, and a test compares Words.sol with them.
They cannot change after the first release. Source: docs/formats.md §1 to §5.
"""

# Amounts: a lane of an account holds 24 bits; totals of merchants, dates and periods hold 64.
MAX_LANE_YEN = (1 << 24) - 1
MAX_TOTAL_YEN = (1 << 63) - 1  # 64 bits on the chain; PostgreSQL's bigint has 63

# Nonces: below this end a nonce is in its signer's window, from it on it is a random nonce in a table.
WINDOWED_NONCES_END = 1 << 24
LAST_WINDOWED_NONCE = WINDOWED_NONCES_END - 2  # the largest base is not a nonce
LAST_SIGNER_NONCE = (1 << 32) - 2
HOLDER_WINDOW = 120
SIGNER_WINDOW = 128

# Dates and times, in seconds since 1970: 40 bits. A record's validBefore is at most 24 bits after asOf.
TIMES_END_S = 1 << 40
SINCE_END_S = 1 << 24
MIN_LIFE_S = (
    30 * 60
)  # of an authorization at its acceptance: twice the longest batch, so none ends before its asOf
SETTLE_WINDOW_S = 240 * 3600  # asOf ≤ block time ≤ asOf + this
LANE_REST_S = 240 * 3600  # from the expiry of a lane's date until the lane can be reused
LANES = 4
MAX_CALENDAR_VERSION = (1 << 12) - 1

MAX_MERCHANT_NUMBER = 999_999
FREEZE_BY_ONE_S = 72 * 3600
MINIMUM_STAFF = 2
PAUSE_S = 72 * 3600  # how long a pause by the pauser lasts, and how long it rests then
