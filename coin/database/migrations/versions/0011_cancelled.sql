-- A shop can cancel a checkout of its tills: it is paid or cancelled, never both.
ALTER TABLE checkout ADD COLUMN cancelled_at_ms bigint;
ALTER TABLE checkout ADD CONSTRAINT paid_or_cancelled CHECK (payment IS NULL OR cancelled_at_ms IS NULL);
-- What a shop writes on a checkout can hold a person's name: it is kept sealed in personal_data from now on, and what stood here in
-- clear goes. No migration has the key.
ALTER TABLE checkout DROP COLUMN reference;
UPDATE idempotency_key SET response = response || '{"reference": null}' WHERE response ? 'reference';
