"""What a database is made of, by name: for comparing two that should be the same."""

from typing import Any

import psycopg

_QUERIES = {
    "column": """
        SELECT c.relname || '.' || a.attname,
               concat_ws(' ', format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 'not null' END,
                         nullif(a.attgenerated::text, ''), pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped""",
    "security of rows": """
        SELECT relname, concat_ws(' ', relrowsecurity, relforcerowsecurity) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'""",
    "type": """
        SELECT t.typname, concat_ws(' ', t.typtype, nullif(format_type(t.typbasetype, t.typtypmod), '-'),
               (SELECT string_agg(enumlabel, ' ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
               (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
                FROM pg_attribute WHERE attrelid = t.typrelid AND t.typtype = 'c'))
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
        WHERE t.typnamespace = 'public'::regnamespace AND t.typcategory <> 'A' AND coalesce(c.relkind, 'c') = 'c'""",
    "constraint": """
        SELECT concat_ws(' ', coalesce(conrelid::regclass::text, format_type(contypid, NULL)), conname),
               pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "function": """
        SELECT oid::regprocedure::text, pg_get_functiondef(oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a'""",
    "aggregate": """
        SELECT p.oid::regprocedure::text, concat_ws(' ', a.aggtransfn, format_type(a.aggtranstype, NULL), a.agginitval)
        FROM pg_proc p JOIN pg_aggregate a ON a.aggfnoid = p.oid WHERE p.pronamespace = 'public'::regnamespace""",
    "grant": """
        SELECT concat_ws(' ', c.relname, coalesce(r.rolname, 'public')), string_agg(g.privilege_type, ' ' ORDER BY g.privilege_type)
        FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) g LEFT JOIN pg_roles r ON r.oid = g.grantee
        WHERE c.relnamespace = 'public'::regnamespace GROUP BY c.relname, r.rolname""",
    "policy": """
        SELECT concat_ws(' ', tablename, policyname), concat_ws(' ', permissive, roles, cmd, qual, with_check)
        FROM pg_policies WHERE schemaname = 'public'""",
    "rung": "SELECT reason::text, code FROM rejection",
    "mark": "SELECT 'installed', obj_description('rejection'::regclass, 'pg_class')",
}


def contents(connection: psycopg.Connection[Any]) -> dict[str, str | None]:
    """Everything in the schema, by what it is and its name; the order of columns does not count."""
    return {
        f"{what} {name}": definition
        for what, query in _QUERIES.items()
        for name, definition in connection.execute(query)
    }
