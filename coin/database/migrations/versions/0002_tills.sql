-- A code by which a till gets its credential: one for each till, for minutes, used once. Only its SHA-256 is kept, while it is good.
CREATE TABLE pairing (
    municipality  text NOT NULL REFERENCES municipality,
    till          uuid NOT NULL,
    code_hash     digest NOT NULL,
    expires_at_ms bigint NOT NULL,
    PRIMARY KEY (municipality, till),
    UNIQUE (municipality, code_hash),
    FOREIGN KEY (municipality, till) REFERENCES till
);

-- What a till shows after its network was away: its shop's last minutes.
CREATE INDEX checkout_by_merchant ON checkout (municipality, merchant_number, opened_at_ms);
