-- The nonce, the balance and the day's quota of one payer; all other rules of a payment are `judged` in accept_run.sql.
-- How one payer's authorizations are decided one after the other: an aggregate that runs over them in order of arrival.

DROP TYPE IF EXISTS payer_state CASCADE;  -- and with it the functions of an earlier release that take one

-- What a payer can still do: the value that is left, the window of nonces, and how often today. `reason` is the last verdict.
CREATE TYPE payer_state AS (
    remaining bigint, nonce_base integer, nonce_map bit(:{format.HOLDER_WINDOW}), spends_left integer, reason smallint
);

-- Uses one nonce up: the base moves over the leading run of used ones, as the contract's does.
CREATE OR REPLACE FUNCTION use_nonce(INOUT nonce_base integer, INOUT nonce_map bit(:{format.HOLDER_WINDOW}), nonce integer)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    run integer;
BEGIN
    nonce_map := set_bit(nonce_map, nonce - nonce_base, 1);
    run := position(B'0' IN nonce_map) - 1;
    IF run < 0 THEN
        run := :{format.HOLDER_WINDOW};
    END IF;
    nonce_base := nonce_base + run;
    nonce_map := nonce_map << run;
END
$$;

-- One authorization after the other of one payer. `fixed` is the verdict of the rules that do not depend on the
-- others (null: none refuses). A refused one leaves the state as it was, but for the reason.
CREATE FUNCTION decide_step(s payer_state, start payer_state, fixed smallint, nonce integer, amount bigint)
RETURNS payer_state
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    place integer;
    window_reason smallint;
BEGIN
    IF s IS NULL THEN
        s := start;
    END IF;
    place := nonce - s.nonce_base;
    window_reason := CASE
        WHEN place < 0 THEN :{rung.NONCE_USED}
        WHEN place >= :{format.HOLDER_WINDOW} OR nonce > :{format.LAST_WINDOWED_NONCE} THEN :{rung.NONCE_OUT_OF_WINDOW}
        WHEN get_bit(s.nonce_map, place) = 1 THEN :{rung.NONCE_USED}
    END;
    s.reason := coalesce(
        least(fixed, window_reason, CASE WHEN amount > s.remaining THEN :{rung.INSUFFICIENT_BALANCE} END,
              CASE WHEN s.spends_left <= 0 THEN :{rung.DAILY_QUOTA} END), :{rung.NONE});
    IF s.reason = :{rung.NONE} THEN
        s.remaining := s.remaining - amount;
        s.spends_left := s.spends_left - 1;
        IF place IS NOT NULL THEN
            SELECT u.nonce_base, u.nonce_map INTO s.nonce_base, s.nonce_map
                FROM use_nonce(s.nonce_base, s.nonce_map, nonce) u;
        END IF;
    END IF;
    RETURN s;
END
$$;

CREATE AGGREGATE decide(payer_state, smallint, integer, bigint) (SFUNC = decide_step, STYPE = payer_state);
