-- The same message again gets its first answer, whatever its kind: it is found by the digest that was signed. Payments are found by
-- payment.id. Records from before have none but charges; the same message gets `nonce_used` there, as it did.
ALTER TABLE chain_effect ADD COLUMN digest digest;
UPDATE chain_effect e SET digest = t.digest
FROM top_up t JOIN operation o ON o.municipality = t.municipality AND o.id = t.operation
WHERE e.municipality = o.municipality AND e.sequence = o.sequence;
CREATE UNIQUE INDEX chain_effect_by_digest ON chain_effect (municipality, digest) WHERE digest IS NOT NULL;
