-- The tables as they are now, for reading. Only the migrations create and change a town's tables; a test compares them with this
-- file. Names after a colon, in braces, are replaced by coin/database/schema/names.py.
-- The municipality comes first in every key, so that the tables can be distributed by it, and a town's role sees its rows only.
-- Amounts are whole yen. *_ms are milliseconds, *_s seconds since 1970 UTC. Addresses are 20 bytes, digests 32.

CREATE TYPE value_kind AS ENUM ('point', 'coin');  -- in spending order at the same expiry
CREATE TYPE account_class AS ENUM ('holder', 'merchant', 'cash', 'point_expense', 'expired_income', 'payout');
CREATE TYPE batch_state AS ENUM ('sealed', 'signed', 'sent', 'mined', 'confirmed');
CREATE DOMAIN address AS bytea CHECK (octet_length(VALUE) = 20);
CREATE DOMAIN digest AS bytea CHECK (octet_length(VALUE) = 32);
CREATE DOMAIN yen AS bigint CHECK (VALUE >= 0);

-- ---------------------------------------------------------------- law: the ladder, filled in from coin.errors.Rejection
CREATE TABLE rejection (
    reason smallint PRIMARY KEY,
    code   text NOT NULL UNIQUE
);

-- ---------------------------------------------------------------- registry: who takes part (ids and public facts)
CREATE TABLE municipality (
    code              text PRIMARY KEY CHECK (code ~ '^[0-9]{6}$'),
    name              text NOT NULL,
    is_demo           boolean NOT NULL,
    program_digest    digest NOT NULL,          -- keccak-256 of the program.toml in force
    chain_id          bigint NOT NULL,
    contract          address NOT NULL,
    settler           address NOT NULL,
    receipt_key       address NOT NULL,
    deployed_at_ms    bigint NOT NULL
);

-- Under this secret the numbers of slips become references (coin/registry/slip_key.py). Made once, never changed.
CREATE TABLE slip_key (
    municipality text PRIMARY KEY REFERENCES municipality,
    secret       bytea NOT NULL CHECK (octet_length(secret) = 32)
);

-- The one row that gives numbers and acceptance times; locked by the accepting transaction.
CREATE TABLE journal_head (
    municipality        text PRIMARY KEY REFERENCES municipality,
    last_sequence       bigint NOT NULL DEFAULT 0,
    last_accepted_at_ms bigint NOT NULL DEFAULT 0
);

CREATE TABLE account (
    municipality text NOT NULL REFERENCES municipality,
    id           uuid NOT NULL,
    class        account_class NOT NULL,
    reference    text NOT NULL,                 -- holder: 0x address at registration; merchant: number; cash: channel; ...
    side         char(1) NOT NULL GENERATED ALWAYS AS (CASE WHEN class IN ('cash', 'point_expense') THEN 'D' ELSE 'C' END) STORED,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, class, reference)
);

CREATE TABLE wallet (
    municipality     text NOT NULL,
    address          address NOT NULL,
    account          uuid NOT NULL,
    registered_at_ms bigint NOT NULL,
    closed           boolean NOT NULL DEFAULT false,
    frozen_until_s   bigint NOT NULL DEFAULT 0,
    exit_at_s        bigint,
    in_incident      boolean NOT NULL DEFAULT false,
    nonce_base       integer NOT NULL DEFAULT 0 CHECK (nonce_base BETWEEN 0 AND :{format.WINDOWED_NONCES_END}),
    nonce_map        bit(:{format.HOLDER_WINDOW}) NOT NULL DEFAULT B'0'::bit(:{format.HOLDER_WINDOW}),   -- bit i (from the left): nonce_base + i is used
    PRIMARY KEY (municipality, address),
    FOREIGN KEY (municipality, account) REFERENCES account
);
-- The worker goes through old wallets, in this order, and deletes those that nobody ever used, with their accounts.
CREATE INDEX wallet_by_age ON wallet (municipality, registered_at_ms, address);
CREATE INDEX wallet_by_account ON wallet (municipality, account);

-- Random nonces (2^24 and above) of payments; windowed ones are in the wallet's row.
CREATE TABLE random_nonce (
    municipality text NOT NULL,
    payer        address NOT NULL,
    nonce        digest NOT NULL,
    PRIMARY KEY (municipality, payer, nonce)
);

CREATE TABLE nonce_lease (
    municipality text NOT NULL,
    wallet       address NOT NULL,
    nonce        integer NOT NULL,
    device       text NOT NULL,
    until_ms     bigint NOT NULL,
    PRIMARY KEY (municipality, wallet, nonce),
    FOREIGN KEY (municipality, wallet) REFERENCES wallet
);
CREATE INDEX nonce_lease_by_end ON nonce_lease (municipality, until_ms);

-- How often a caller has done today what costs the town (coin/registry/quotas.py). A row of an earlier day counts nothing.
CREATE TABLE daily_use (
    municipality text NOT NULL REFERENCES municipality,
    caller       text NOT NULL,                 -- wallet:… or till:…
    deed         text NOT NULL,
    day          integer NOT NULL,
    used         integer NOT NULL,
    PRIMARY KEY (municipality, caller, deed)
);
CREATE INDEX daily_use_by_day ON daily_use (municipality, day);

CREATE TABLE merchant (
    municipality    text NOT NULL,
    number          integer NOT NULL CHECK (number BETWEEN 1 AND :{format.MAX_MERCHANT_NUMBER}),
    address         address NOT NULL,
    account         uuid NOT NULL,
    is_open         boolean NOT NULL,
    name            text NOT NULL,
    name_romaji     text NOT NULL,
    city_romaji     text NOT NULL,
    category        text NOT NULL CHECK (category ~ '^[0-9]{4}$'),
    sticker_version smallint NOT NULL DEFAULT 1,
    bank_hash       digest NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),  -- salted, of its bank account (docs/formats.md §4); zeros: it has none
    nonce_base      bigint NOT NULL DEFAULT 0,
    nonce_map       bit(:{format.SIGNER_WINDOW}) NOT NULL DEFAULT B'0'::bit(:{format.SIGNER_WINDOW}),
    PRIMARY KEY (municipality, number),
    UNIQUE (municipality, address),
    FOREIGN KEY (municipality, account) REFERENCES account
);

-- Addresses that once held a merchant number: never used again.
CREATE TABLE retired_merchant_address (
    municipality text NOT NULL,
    address      address NOT NULL,
    number       integer NOT NULL,
    PRIMARY KEY (municipality, address)
);

CREATE TABLE till (
    municipality    text NOT NULL,
    id              uuid NOT NULL,
    merchant_number integer NOT NULL,
    label           text NOT NULL,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, merchant_number, label),
    FOREIGN KEY (municipality, merchant_number) REFERENCES merchant
);

-- A secret that a till or a member of staff presents; only its SHA-256 is kept. Whose it is stands in personal_data.
CREATE TABLE credential (
    municipality  text NOT NULL REFERENCES municipality,
    id            uuid NOT NULL,
    kind          text NOT NULL CHECK (kind IN ('till', 'staff')),
    till          uuid,
    scopes        text[] NOT NULL,
    secret_hash   digest NOT NULL UNIQUE,
    created_at_ms bigint NOT NULL,
    revoked_at_ms bigint,
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, till) REFERENCES till,
    CHECK ((kind = 'till') = (till IS NOT NULL))
);

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

CREATE TABLE session_challenge (
    municipality  text NOT NULL REFERENCES municipality,
    challenge     digest NOT NULL,
    wallet        address NOT NULL,
    issued_at_s   bigint NOT NULL,
    expires_at_s  bigint NOT NULL,
    PRIMARY KEY (municipality, challenge)
);
-- Whoever asks for a challenge or opens a session sweeps out what has lapsed. Anybody may ask, so that must not mean reading what is alive.
CREATE INDEX session_challenge_by_end ON session_challenge (municipality, expires_at_s);

CREATE TABLE session (
    municipality  text NOT NULL REFERENCES municipality,
    token_hash    digest NOT NULL,
    wallet        address,
    credential    uuid,
    scopes        text[] NOT NULL,
    expires_at_s  bigint NOT NULL,
    PRIMARY KEY (municipality, token_hash),
    FOREIGN KEY (municipality, credential) REFERENCES credential,
    CHECK ((wallet IS NULL) <> (credential IS NULL))
);
CREATE INDEX session_by_end ON session (municipality, expires_at_s);

-- Names, bank accounts and whatever else tells who somebody is: AES-GCM, the key is in a file outside the data folder.
CREATE TABLE personal_data (
    municipality text NOT NULL REFERENCES municipality,
    subject      text NOT NULL,                 -- for example merchant:000012, checkout:<id>, credential:<id>
    ciphertext   bytea NOT NULL,
    PRIMARY KEY (municipality, subject)
);

CREATE TABLE audit (
    municipality text NOT NULL REFERENCES municipality,
    id           uuid NOT NULL,
    at_ms        bigint NOT NULL,
    actor        text NOT NULL,
    action       text NOT NULL,
    subject      text NOT NULL,
    detail       jsonb NOT NULL,                -- never a key, PIN or personal datum
    PRIMARY KEY (municipality, id)
);

CREATE TABLE idempotency_key (
    municipality   text NOT NULL REFERENCES municipality,
    principal      text NOT NULL,
    key            text NOT NULL,
    request_digest digest NOT NULL,
    status         smallint NOT NULL,
    response       jsonb NOT NULL,
    created_at_ms  bigint NOT NULL,
    PRIMARY KEY (municipality, principal, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (municipality, created_at_ms);

-- ---------------------------------------------------------------- rules that the chain holds too
CREATE TABLE signer (
    municipality text NOT NULL REFERENCES municipality,
    address      address NOT NULL,
    role         smallint NOT NULL CHECK (role BETWEEN 0 AND 4),  -- 0 none, 1 staff, 2 channel, 3 cashier, 4 grants
    allowance    bigint NOT NULL CHECK (allowance >= 0),
    channel      text,                          -- role 2: the id in program.toml
    nonce_base   bigint NOT NULL DEFAULT 0,
    nonce_map    bit(:{format.SIGNER_WINDOW}) NOT NULL DEFAULT B'0'::bit(:{format.SIGNER_WINDOW}),
    PRIMARY KEY (municipality, address)
);

CREATE TABLE signer_usage (
    municipality text NOT NULL,
    signer       address NOT NULL,
    day          integer NOT NULL,
    used         yen NOT NULL,
    PRIMARY KEY (municipality, signer, day),
    FOREIGN KEY (municipality, signer) REFERENCES signer
);

CREATE TABLE period (
    municipality text PRIMARY KEY REFERENCES municipality,
    cap          yen NOT NULL,
    issued       yen NOT NULL DEFAULT 0,
    first_day    integer NOT NULL                -- issued may exceed a cap that was lowered later; nothing is issued then
);

-- A date that was opened, and the lane it has (or had).
CREATE TABLE expiry_date (
    municipality      text NOT NULL REFERENCES municipality,
    expiry_s          bigint NOT NULL,
    lane              smallint NOT NULL CHECK (lane BETWEEN 0 AND 3),
    opened_sequence   bigint NOT NULL,
    expired_sequence  bigint,
    replaced_sequence bigint,
    PRIMARY KEY (municipality, expiry_s)
);
CREATE UNIQUE INDEX one_date_per_lane ON expiry_date (municipality, lane) WHERE replaced_sequence IS NULL;

CREATE TABLE fund (
    municipality text NOT NULL REFERENCES municipality,
    id           text NOT NULL,
    position     smallint NOT NULL,
    budget       yen NOT NULL,
    spent        yen NOT NULL DEFAULT 0,
    PRIMARY KEY (municipality, id),
    CHECK (spent <= budget)
);

-- ---------------------------------------------------------------- ledger: immutable but for balances
CREATE TABLE operation (
    municipality   text NOT NULL REFERENCES municipality,
    id             uuid NOT NULL,
    kind           smallint NOT NULL,           -- the record's kind (docs/formats.md §3); negative: no effect on the chain
    sequence       bigint,
    accepted_at_ms bigint NOT NULL,
    fiscal_year    smallint NOT NULL,
    actor          text NOT NULL,
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, sequence)
);

CREATE TABLE journal (
    municipality text NOT NULL,
    operation    uuid NOT NULL,
    line         integer NOT NULL,
    fiscal_year  smallint NOT NULL,
    code         text NOT NULL CONSTRAINT journal_code_is_known CHECK (code IN (  -- coin.records.journal_codes.JournalCode
        'top_up', 'bonus', 'payment', 'send', 'redeem', 'expiry',
        'reversal', 'grant', 'ticket', 'refund', 'advance', 'recover', 'forced_transfer')),
    debit        uuid NOT NULL,
    credit       uuid NOT NULL,
    kind         value_kind NOT NULL,
    expiry_s     bigint NOT NULL,
    fund         text NOT NULL,                 -- '' for coins
    amount       bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (municipality, operation, line),
    FOREIGN KEY (municipality, operation) REFERENCES operation,
    FOREIGN KEY (municipality, debit) REFERENCES account,
    FOREIGN KEY (municipality, credit) REFERENCES account,
    CHECK (debit <> credit),
    CHECK ((kind = 'coin') = (fund = ''))
);

CREATE INDEX journal_by_debit ON journal (municipality, debit, operation);
CREATE INDEX journal_by_credit ON journal (municipality, credit, operation);

-- What the journal adds up to. Holders' rows carry the expiry; all other accounts have expiry_s = 0.
CREATE TABLE balance (
    municipality text NOT NULL,
    account      uuid NOT NULL,
    kind         value_kind NOT NULL,
    expiry_s     bigint NOT NULL,
    fund         text NOT NULL,
    amount       bigint NOT NULL CHECK (amount >= 0),   -- on the account's normal side
    PRIMARY KEY (municipality, account, kind, expiry_s, fund),
    FOREIGN KEY (municipality, account) REFERENCES account
);

CREATE TABLE chain_effect (
    municipality   text NOT NULL,
    sequence       bigint NOT NULL,
    kind           smallint NOT NULL,
    words          bytea NOT NULL,
    signatures     bytea NOT NULL,
    signers        bytea NOT NULL,
    context        bytea NOT NULL,
    accepted_at_ms bigint NOT NULL,
    digest         digest,                              -- of the signed message, so that the same again gets its first answer; not of
                                                        -- payments (payment.id), of what nobody signs, of records before migration 0007
    PRIMARY KEY (municipality, sequence),
    FOREIGN KEY (municipality, sequence) REFERENCES operation (municipality, sequence)
);
-- A signed message stands in the journal once; payments have their own key (payment.id).
CREATE UNIQUE INDEX chain_effect_by_digest ON chain_effect (municipality, digest) WHERE digest IS NOT NULL;
ALTER TABLE chain_effect ADD CONSTRAINT a_signed_record_has_its_digest
    CHECK (digest IS NOT NULL OR kind BETWEEN :{kind.PAYMENT} AND :{kind.SEND_GENERAL} OR kind = :{kind.EXPIRE}) NOT VALID;

CREATE TABLE redeem (
    municipality    text NOT NULL,
    payout          digest NOT NULL,
    operation       uuid NOT NULL,
    merchant_number integer NOT NULL,
    amount          bigint NOT NULL CHECK (amount > 0),
    PRIMARY KEY (municipality, operation),
    FOREIGN KEY (municipality, operation) REFERENCES operation,
    FOREIGN KEY (municipality, merchant_number) REFERENCES merchant
);

CREATE TABLE top_up (
    municipality   text NOT NULL,
    digest         digest NOT NULL,
    operation      uuid NOT NULL,
    channel        text NOT NULL,
    signer         address NOT NULL,
    holder         address NOT NULL,
    coins          yen NOT NULL,
    coin_expiry_s  bigint NOT NULL,
    points         yen NOT NULL,
    point_expiry_s bigint NOT NULL,
    fund           text NOT NULL,
    reference      digest NOT NULL,
    day            integer NOT NULL,
    PRIMARY KEY (municipality, digest),
    UNIQUE (municipality, channel, reference),
    FOREIGN KEY (municipality, operation) REFERENCES operation
);
CREATE INDEX top_up_by_holder ON top_up (municipality, holder);

-- ---------------------------------------------------------------- payments
CREATE TABLE checkout (
    municipality    text NOT NULL,
    id              text NOT NULL CHECK (octet_length(id) = 26),
    merchant_number integer NOT NULL,
    till            uuid,                       -- opened by a till ...
    wallet          address,                    -- ... or by a wallet that read a static code
    amount          bigint NOT NULL CHECK (amount > 0),
    opened_at_ms    bigint NOT NULL,
    deadline_ms     bigint NOT NULL,
    payment         digest,
    cancelled_at_ms bigint,                     -- by its shop
    PRIMARY KEY (municipality, id),
    FOREIGN KEY (municipality, merchant_number) REFERENCES merchant,
    FOREIGN KEY (municipality, till) REFERENCES till,
    CHECK ((till IS NULL) <> (wallet IS NULL)),
    CONSTRAINT paid_or_cancelled CHECK (payment IS NULL OR cancelled_at_ms IS NULL)
);
-- What a till shows after its network was away: its shop's last minutes.
CREATE INDEX checkout_by_merchant ON checkout (municipality, merchant_number, opened_at_ms);
-- No index of checkouts contains `payment`: paying must not touch one.
-- How many checkouts a till or a wallet has open, counted each time it opens one.
CREATE INDEX checkout_by_till ON checkout (municipality, till, deadline_ms) WHERE till IS NOT NULL;
CREATE INDEX checkout_by_wallet ON checkout (municipality, wallet, deadline_ms) WHERE wallet IS NOT NULL;
-- The worker goes through what ended long ago, in this order, and deletes what nobody paid.
CREATE INDEX checkout_by_end ON checkout (municipality, deadline_ms, id);

-- An accepted authorization: a payment (kind 4, 5; the payee is a shop) or a send (6, 7; the payee is a wallet). Never changed.
CREATE TABLE payment (
    municipality    text NOT NULL,
    id              digest NOT NULL,            -- the digest of the authorization
    operation       uuid NOT NULL,
    sequence        bigint NOT NULL,
    accepted_at_ms  bigint NOT NULL,
    kind            smallint NOT NULL CHECK (kind BETWEEN :{kind.PAYMENT} AND :{kind.SEND_GENERAL}),
    payer           address NOT NULL,
    payee           address NOT NULL,
    merchant_number integer,
    amount          bigint NOT NULL CHECK (amount > 0),
    nonce           digest NOT NULL,
    checkout        text,
    receipt         bytea NOT NULL CHECK (octet_length(receipt) = 65),   -- the gateway's signature
    PRIMARY KEY (municipality, id),
    UNIQUE (municipality, payer, nonce),
    UNIQUE (municipality, sequence),
    FOREIGN KEY (municipality, operation) REFERENCES operation,
    FOREIGN KEY (municipality, merchant_number) REFERENCES merchant,
    FOREIGN KEY (municipality, checkout) REFERENCES checkout,
    CHECK ((merchant_number IS NULL) = (kind IN (:{kind.SEND}, :{kind.SEND_GENERAL}))),
    CHECK (checkout IS NULL OR merchant_number IS NOT NULL)
);
CREATE UNIQUE INDEX one_payment_per_checkout ON payment (municipality, checkout) WHERE checkout IS NOT NULL;
-- What a wallet has paid and sent today, and sent this month, is added up each time it pays.
CREATE INDEX payment_by_payer ON payment (municipality, payer, accepted_at_ms);
CREATE INDEX payment_by_merchant ON payment (municipality, merchant_number, sequence) WHERE merchant_number IS NOT NULL;
CREATE INDEX send_by_payee ON payment (municipality, payee, accepted_at_ms) WHERE merchant_number IS NULL;

-- ---------------------------------------------------------------- settlement
CREATE TABLE batch (
    municipality     text NOT NULL REFERENCES municipality,
    number           integer NOT NULL,
    first_sequence   bigint NOT NULL,
    last_sequence    bigint NOT NULL,
    as_of_s          bigint NOT NULL,
    state            batch_state NOT NULL,
    calldata         bytea NOT NULL,
    approval         bytea, -- of two staff, for a batch that is older than the contract's window
    account_nonce    bigint,
    raw_transaction  bytea,
    transaction_hash digest,
    sent_at_ms       bigint,
    block_number     bigint,
    block_hash       digest,
    block_time_s     bigint,
    gas_used         bigint,
    sealed_at_ms     bigint NOT NULL,
    confirmed_at_ms  bigint,
    PRIMARY KEY (municipality, number),
    UNIQUE (municipality, first_sequence),
    CHECK (first_sequence <= last_sequence)
);

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

-- A record that the chain skipped (or that simulation says it will): an incident until two people dispose of it.
CREATE TABLE incident (
    municipality   text NOT NULL,
    sequence       bigint NOT NULL,
    batch          integer NOT NULL,
    reason         smallint NOT NULL REFERENCES rejection,
    is_confirmed   boolean NOT NULL DEFAULT false,
    disposition    text,
    PRIMARY KEY (municipality, sequence),
    FOREIGN KEY (municipality, sequence) REFERENCES chain_effect,
    FOREIGN KEY (municipality, batch) REFERENCES batch
);
