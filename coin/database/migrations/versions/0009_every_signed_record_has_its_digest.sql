-- Without a digest a record would escape `chain_effect_by_digest`, which lets a signed message stand once. Rows from before
-- migration 0007 may have none: the messages of two staff and of a cashier are longer now, so
-- that none of those comes again, and the nonce of a cancel is used.
ALTER TABLE chain_effect ADD CONSTRAINT a_signed_record_has_its_digest
    CHECK (digest IS NOT NULL OR kind BETWEEN 4 AND 7 OR kind = 19) NOT VALID;
