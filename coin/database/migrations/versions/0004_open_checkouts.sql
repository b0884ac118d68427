-- How many checkouts a till or a wallet has open, counted each time it opens one. Not by `payment`: paying must not touch an index.
CREATE INDEX checkout_by_till ON checkout (municipality, till, deadline_ms) WHERE till IS NOT NULL;
CREATE INDEX checkout_by_wallet ON checkout (municipality, wallet, deadline_ms) WHERE wallet IS NOT NULL;
