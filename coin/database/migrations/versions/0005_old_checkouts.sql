-- The worker goes through what ended long ago, in this order, and deletes what nobody paid. Not by `payment`: paying must not touch an index.
CREATE INDEX checkout_by_end ON checkout (municipality, deadline_ms, id);
