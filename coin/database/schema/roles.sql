-- bandai_app: what the API, the worker and the office connect as. What is written once can be added to and read, not changed.
-- bandai_auditor: reads everything but secrets and personal data.

DO $$
DECLARE
    role text;
BEGIN
    FOREACH role IN ARRAY ARRAY['bandai_app', 'bandai_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
    END LOOP;
END
$$;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM bandai_app, bandai_auditor;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bandai_app;
REVOKE UPDATE, DELETE ON operation, journal, chain_effect, payment, audit, random_nonce, top_up, redeem, account, retired_merchant_address
    FROM bandai_app;
REVOKE INSERT, UPDATE, DELETE ON rejection, alembic_version FROM bandai_app;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO bandai_auditor;
REVOKE SELECT ON credential, pairing, session, session_challenge, personal_data, idempotency_key FROM bandai_auditor;
