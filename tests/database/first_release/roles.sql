-- bandai_app: what the API, the worker and the office connect as. What is written once can be added to and read, not changed.
-- bandai_auditor: reads everything but secrets and personal data.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bandai_app') THEN
        CREATE ROLE bandai_app LOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'bandai_auditor') THEN
        CREATE ROLE bandai_auditor LOGIN;
    END IF;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO bandai_app;
REVOKE UPDATE, DELETE ON operation, journal, chain_effect, payment, audit, random_nonce, top_up, redeem, account, retired_merchant_address
    FROM bandai_app;
REVOKE INSERT, UPDATE, DELETE ON rejection FROM bandai_app;

GRANT SELECT ON ALL TABLES IN SCHEMA public TO bandai_auditor;
REVOKE SELECT ON credential, session, session_challenge, personal_data, idempotency_key FROM bandai_auditor;
