-- A role for each town that has books here, and for the one that `deploy` is about to open (the setting bandai.opening):
-- bandai_<code>. It may log in; how it proves itself is the server's to say (pg_hba.conf). A role that an administrator has made
-- and granted is left as it is.

DO $$
DECLARE
    role text;
BEGIN
    FOR role IN
        SELECT 'bandai_' || code FROM municipality
        UNION SELECT 'bandai_' || nullif(current_setting('bandai.opening', true), '')
    LOOP
        CONTINUE WHEN role IS NULL;
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', role);
        END IF;
        IF NOT pg_has_role(role, 'bandai_town', 'MEMBER') THEN
            EXECUTE format('GRANT bandai_town TO %I', role);
        END IF;
    END LOOP;
END
$$;
