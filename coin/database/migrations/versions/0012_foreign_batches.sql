-- A batch on the chain that these books did not seal, to which two staff have bound them (coin/office/foreign_batch.py): its
-- number is taken, and its records come before the next of ours in the chain's numbering. Never changed.
CREATE TABLE foreign_batch (
    municipality     text NOT NULL REFERENCES municipality,
    number           integer NOT NULL,
    first_sequence   bigint NOT NULL,            -- as the chain numbers
    record_count     bigint NOT NULL CHECK (record_count >= 0),
    as_of_s          bigint NOT NULL,
    data_hash        digest NOT NULL,
    data             bytea,                      -- NULL: its transaction does not show it
    reasons          bytea NOT NULL,             -- a byte for each record: why the chain skipped it, 0 if it was carried out
    sender           address NOT NULL,
    transaction_hash digest NOT NULL,
    block_number     bigint NOT NULL,
    block_hash       digest NOT NULL,
    approval         bytea NOT NULL CHECK (octet_length(approval) = 168),  -- two staff over ForeignBatch
    adopted_at_ms    bigint NOT NULL,
    PRIMARY KEY (municipality, number),
    CHECK (octet_length(reasons) = record_count)
);
