-- bandai_app: what the API, the worker and the office connect as. What is written once can be added to and read, not changed.
-- bandai_town: the same rights, for the roles of single towns; nobody is it, and it has no rows of its own (policies.sql).
-- bandai_auditor: reads everything but secrets and personal data.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bandai_app') THEN
        CREATE ROLE bandai_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bandai_town') THEN
        CREATE ROLE bandai_town NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bandai_auditor') THEN
        CREATE ROLE bandai_auditor LOGIN;
    END IF;
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bandai_app, bandai_town, bandai_auditor;

-- A table that is not named here is written once.
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO bandai_app, bandai_town;
GRANT UPDATE, DELETE ON municipality, journal_head, wallet, nonce_lease, daily_use, merchant, till, credential, pairing, session_challenge, session,
    personal_data, idempotency_key, signer, signer_usage, period, expiry_date, fund, balance, checkout, batch, incident
    TO bandai_app, bandai_town;
GRANT DELETE ON account TO bandai_app, bandai_town;  -- of a wallet that nobody ever used; an account that anything names cannot go
REVOKE INSERT ON rejection, alembic_version FROM bandai_app, bandai_town;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO bandai_auditor;
REVOKE SELECT ON credential, pairing, session, session_challenge, personal_data, idempotency_key, slip_key FROM bandai_auditor;
-- A till can be called after a person, so its label is no auditor's.
REVOKE SELECT ON till FROM bandai_auditor;
GRANT SELECT (municipality, id, merchant_number) ON till TO bandai_auditor;
