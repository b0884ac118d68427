-- The fiscal year of a moment: from 1 April, in Japan. The same as coin.clock.fiscal_year.

CREATE OR REPLACE FUNCTION fiscal_year(at_ms bigint) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT extract(year FROM to_timestamp(at_ms / 1000) AT TIME ZONE 'UTC' + interval '9 hours' - interval '3 months')::smallint
$$;
