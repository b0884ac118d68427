-- What costs the town has a quota per caller and day, and what strangers can make is swept: how often callers did something today, and
-- the indexes by which the worker finds what has lapsed. One index of payments serves the day's quota and the month's sends.
CREATE TABLE daily_use (
    municipality text NOT NULL REFERENCES municipality,
    caller       text NOT NULL,
    deed         text NOT NULL,
    day          integer NOT NULL,
    used         integer NOT NULL,
    PRIMARY KEY (municipality, caller, deed)
);
CREATE INDEX daily_use_by_day ON daily_use (municipality, day);
CREATE INDEX wallet_by_age ON wallet (municipality, registered_at_ms, address);
CREATE INDEX wallet_by_account ON wallet (municipality, account);
CREATE INDEX nonce_lease_by_end ON nonce_lease (municipality, until_ms);
DROP INDEX idempotency_key_by_age;
CREATE INDEX idempotency_key_by_age ON idempotency_key (municipality, created_at_ms);
DROP INDEX payment_by_payer;
DROP INDEX send_by_payer;
CREATE INDEX payment_by_payer ON payment (municipality, payer, accepted_at_ms);
