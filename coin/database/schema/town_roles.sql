-- A role for each town that has books here: bandai_<code>. It may log in; how it proves itself is the server's to say (pg_hba.conf).

DO $$
DECLARE
    role text;
BEGIN
    FOR role IN SELECT 'bandai_' || code FROM municipality LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        EXECUTE format('GRANT bandai_town TO %I', role);
    END LOOP;
END
$$;
