-- A slip's number becomes a reference under a secret of the town. Charges from before keep theirs, a plain hash of the number.
CREATE TABLE slip_key (
    municipality text PRIMARY KEY REFERENCES municipality,
    secret       bytea NOT NULL CHECK (octet_length(secret) = 32)
);
