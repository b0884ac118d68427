-- Whose rows a role may see and change (ADR 0029). A town's own role, bandai_<code>, has those of its town and no other: its name
-- says which, and neither a setting nor SET ROLE changes that. bandai_app and bandai_auditor have those of every town.
-- The expression is bound to its functions here, whatever search_path a role sets. The schema's owner is not held.

DO $$
DECLARE
    the_table regclass;
    its_town text;
BEGIN
    FOR the_table, its_town IN
        SELECT c.oid::regclass, CASE c.relname WHEN 'municipality' THEN 'code' ELSE 'municipality' END
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname NOT IN ('rejection', 'alembic_version')
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', the_table);
        EXECUTE format('DROP POLICY IF EXISTS of_its_town ON %s', the_table);
        EXECUTE format('CREATE POLICY of_its_town ON %s TO bandai_town USING (%I = substr(CURRENT_USER::text, 8))', the_table, its_town);
        EXECUTE format('DROP POLICY IF EXISTS of_every_town ON %s', the_table);
        EXECUTE format('CREATE POLICY of_every_town ON %s TO bandai_app, bandai_auditor USING (true)', the_table);
    END LOOP;
END
$$;

-- A process may delete the account of a holder and no other, and only one that nothing names (foreign keys): a wallet that nobody used.
DROP POLICY IF EXISTS only_holders_may_go ON account;
CREATE POLICY only_holders_may_go ON account AS RESTRICTIVE FOR DELETE TO bandai_app, bandai_town USING (class = 'holder');
