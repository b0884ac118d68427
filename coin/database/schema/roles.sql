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

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bandai_app, bandai_town;
REVOKE UPDATE, DELETE ON operation, journal, chain_effect, payment, audit, random_nonce, top_up, redeem, account, retired_merchant_address
    FROM bandai_app, bandai_town;
REVOKE INSERT, UPDATE, DELETE ON rejection, alembic_version FROM bandai_app, bandai_town;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO bandai_auditor;
REVOKE SELECT ON credential, pairing, session, session_challenge, personal_data, idempotency_key FROM bandai_auditor;
