-- How a run of authorizations is decided and posted: one statement, exact in order of arrival (ADR 0007).
-- Its answer is a rung of the ladder (none: accepted; else the lowest that applies), or that this very authorization was
-- accepted before: same_again, or for_other_checkout if it was for another one.
-- The caller holds journal_head, has checked the signatures, has cut the list (coin/payments/runs.py) and stores the
-- payments with their receipts (coin/payments/accept.py).

DROP FUNCTION IF EXISTS accept_run;
CREATE FUNCTION accept_run(
    the_municipality text, at_ms bigint, head bigint,
    max_balance bigint, max_payment bigint, max_send bigint, max_send_month bigint, month_starts_ms bigint,
    max_spends_day integer, max_sends_day integer, day_starts_ms bigint,
    ids bytea[], payers bytea[], payees bytea[], amounts bigint[], valid_afters_s bigint[], valid_befores_s bigint[],
    nonces bytea[], window_nonces integer[], checkouts text[], the_words bytea[], the_signatures bytea[], operations uuid[]
) RETURNS TABLE (
    place integer, reason smallint, sequence bigint, kind smallint, merchant_number integer, till uuid, parts jsonb
)
LANGUAGE plpgsql
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    at_s CONSTANT bigint := at_ms / 1000;
BEGIN
    PERFORM 1 FROM wallet w WHERE w.municipality = the_municipality AND w.address = ANY (payers || payees)
        ORDER BY w.address FOR NO KEY UPDATE;

    RETURN QUERY
    WITH submitted AS MATERIALIZED (
        SELECT * FROM unnest(ids, payers, payees, amounts, valid_afters_s, valid_befores_s, nonces, window_nonces, checkouts,
                             the_words, the_signatures, operations)
            WITH ORDINALITY AS s (id, payer, payee, amount, valid_after_s, valid_before_s, nonce, window_nonce, checkout,
                                  words, signature, operation, place)
    ),
    facts AS MATERIALIZED (
        SELECT s.*,
               w.account AS payer_account, w.nonce_base, w.nonce_map, w.closed, w.frozen_until_s, w.exit_at_s, w.in_incident,
               r.account AS receiver_account, r.closed AS receiver_closed,
               m.number AS merchant_number, m.account AS merchant_account, m.is_open,
               r.address IS NOT NULL AS is_send,
               c.id IS NOT NULL AS has_checkout, c.till, c.amount AS checkout_amount, c.deadline_ms, c.cancelled_at_ms, c.payment AS paid_by,
               c.merchant_number AS checkout_merchant,
               u.nonce IS NOT NULL AS is_random_used,
               p.id AS earlier, p.checkout AS earlier_checkout,
               EXISTS (SELECT FROM merchant x WHERE x.municipality = the_municipality AND x.address = s.payer)
                   OR EXISTS (SELECT FROM retired_merchant_address x WHERE x.municipality = the_municipality AND x.address = s.payer)
                   AS payer_is_merchant
        FROM submitted s
        LEFT JOIN wallet w ON w.municipality = the_municipality AND w.address = s.payer
        LEFT JOIN wallet r ON r.municipality = the_municipality AND r.address = s.payee
        LEFT JOIN merchant m ON m.municipality = the_municipality AND m.address = s.payee
        LEFT JOIN checkout c ON c.municipality = the_municipality AND c.id = s.checkout
        LEFT JOIN random_nonce u ON s.window_nonce IS NULL AND u.municipality = the_municipality AND u.payer = s.payer
                                AND u.nonce = s.nonce
        LEFT JOIN payment p ON p.municipality = the_municipality AND p.payer = s.payer AND p.nonce = s.nonce AND p.id = s.id
    ),
    -- The live lots of each payer in spending order, as places [low, high) in one row of value.
    lots AS MATERIALIZED (
        SELECT b.account, b.kind, b.expiry_s, b.fund, b.amount,
               sum(b.amount) OVER spending - b.amount AS low, sum(b.amount) OVER spending AS high
        FROM (SELECT DISTINCT payer_account FROM facts) f
        JOIN balance b ON b.municipality = the_municipality AND b.account = f.payer_account
        LEFT JOIN fund ON fund.municipality = the_municipality AND fund.id = b.fund
        WHERE b.expiry_s * 1000 > at_ms AND b.amount > 0
        WINDOW spending AS (PARTITION BY b.account ORDER BY b.expiry_s, b.kind, fund.position, b.fund)
    ),
    totals AS (SELECT account, max(high)::bigint AS amount FROM lots GROUP BY account),
    -- What each payer has paid and sent today: a quota is counted from the payments themselves.
    spent AS MATERIALIZED (
        SELECT s.payer, count(*)::integer AS spends, (count(*) FILTER (WHERE p.merchant_number IS NULL))::integer AS sends
        FROM (SELECT DISTINCT payer FROM submitted) s
        JOIN payment p ON p.municipality = the_municipality AND p.payer = s.payer AND p.accepted_at_ms >= day_starts_ms
        GROUP BY s.payer
    ),
    -- A send is the first of its payer and its payee in the run, so what it may do does not depend on the others.
    sends AS MATERIALIZED (
        SELECT f.place,
               (SELECT coalesce(sum(b.amount), 0) FROM balance b WHERE b.municipality = the_municipality
                   AND b.account = f.receiver_account AND b.expiry_s * 1000 > at_ms) + f.amount > max_balance AS is_above_balance,
               f.amount > max_send
               OR (SELECT coalesce(sum(p.amount), 0) FROM payment p WHERE p.municipality = the_municipality
                   AND p.merchant_number IS NULL AND p.payer = f.payer AND p.accepted_at_ms >= month_starts_ms)
                   + f.amount > max_send_month
               OR (SELECT coalesce(sum(p.amount), 0) FROM payment p WHERE p.municipality = the_municipality
                   AND p.merchant_number IS NULL AND p.payee = f.payee AND p.accepted_at_ms >= month_starts_ms)
                   + f.amount > max_send_month AS is_above_cap,
               EXISTS (SELECT FROM lots l WHERE l.account = f.payer_account AND l.low < f.amount
                   GROUP BY l.expiry_s
                   HAVING sum(least(l.high, f.amount) - l.low)
                        + coalesce((SELECT sum(b.amount) FROM balance b WHERE b.municipality = the_municipality
                              AND b.account = f.receiver_account AND b.expiry_s = l.expiry_s), 0) > :{format.MAX_LANE_YEN}) AS is_lane_full
        FROM facts f WHERE f.is_send
    ),
    judged AS MATERIALIZED (
        SELECT f.*, (CASE
            WHEN f.earlier IS NOT NULL AND f.earlier_checkout IS NOT DISTINCT FROM f.checkout THEN :{answer.SAME_AGAIN}
            WHEN f.earlier IS NOT NULL THEN :{answer.FOR_OTHER_CHECKOUT}
            WHEN f.checkout IS NOT NULL AND NOT f.has_checkout THEN :{rung.CHECKOUT_UNKNOWN}
            WHEN f.has_checkout AND (f.checkout_merchant IS DISTINCT FROM f.merchant_number OR f.checkout_amount <> f.amount) THEN :{rung.CHECKOUT_MISMATCH}
            WHEN f.paid_by IS NOT NULL THEN :{rung.CHECKOUT_PAID}
            WHEN f.deadline_ms <= at_ms OR f.cancelled_at_ms IS NOT NULL THEN :{rung.CHECKOUT_EXPIRED}
            WHEN f.is_random_used THEN :{rung.NONCE_USED}
            WHEN f.valid_after_s >= at_s THEN :{rung.AUTHORIZATION_NOT_YET_VALID}
            WHEN f.valid_before_s * 1000 <= at_ms THEN :{rung.AUTHORIZATION_EXPIRED}
            WHEN f.valid_before_s >= :{format.TIMES_END_S} THEN :{rung.AUTHORIZATION_TIMES_UNSUPPORTED}
            WHEN f.payer_account IS NULL AND NOT f.payer_is_merchant THEN :{rung.HOLDER_UNKNOWN}
            WHEN f.payer_is_merchant THEN :{rung.HOLDER_IS_MERCHANT}
            WHEN f.payer = f.payee THEN :{rung.SELF_TRANSFER}
            WHEN f.closed OR f.receiver_closed THEN :{rung.ACCOUNT_CLOSED}
            WHEN f.frozen_until_s * 1000 > at_ms THEN :{rung.ACCOUNT_FROZEN}
            WHEN f.exit_at_s IS NOT NULL THEN :{rung.ACCOUNT_EXITING}
            WHEN f.in_incident THEN :{rung.ACCOUNT_IN_INCIDENT}
            WHEN NOT f.is_send AND f.merchant_number IS NULL THEN :{rung.MERCHANT_NOT_REGISTERED}
            WHEN NOT f.is_open THEN :{rung.MERCHANT_CLOSED}
            WHEN f.amount NOT BETWEEN 1 AND :{format.MAX_LANE_YEN} THEN :{rung.AMOUNT_INVALID}
            WHEN NOT f.is_send AND f.amount > max_payment THEN :{rung.PAYMENT_LIMIT}
            WHEN sends.is_above_cap THEN :{rung.SEND_LIMIT}
            WHEN sends.is_above_balance THEN :{rung.BALANCE_LIMIT}
            WHEN sends.is_lane_full THEN :{rung.LANE_FULL}
            WHEN f.valid_before_s - at_s < :{format.MIN_LIFE_S} THEN :{rung.AUTHORIZATION_TOO_SHORT}
            WHEN f.is_send AND spent.sends >= max_sends_day THEN :{rung.DAILY_QUOTA}
        END)::smallint AS fixed,
        coalesce(t.amount, 0) AS live, max_spends_day - coalesce(spent.spends, 0) AS spends_left
        FROM facts f
        LEFT JOIN totals t ON t.account = f.payer_account
        LEFT JOIN spent ON spent.payer = f.payer
        LEFT JOIN sends ON sends.place = f.place
    ),
    decided AS MATERIALIZED (
        SELECT j.*,
               decide(ROW(live, coalesce(nonce_base, 0), coalesce(nonce_map, repeat('0', :{format.HOLDER_WINDOW})::bit(:{format.HOLDER_WINDOW})),
                          spends_left, :{rung.NONE})::payer_state,
                      fixed, window_nonce, amount) OVER (PARTITION BY payer ORDER BY place) AS state
        FROM judged j
    ),
    accepted AS MATERIALIZED (
        SELECT d.*, head + row_number() OVER (ORDER BY place) AS sequence,
               live - (state).remaining AS spent_to, live - (state).remaining - amount AS spent_from,
               coalesce(merchant_account, receiver_account) AS payee_account,
               (CASE WHEN valid_after_s = 0 AND window_nonce IS NOT NULL AND valid_before_s - at_s < :{format.SINCE_END_S}
                     THEN CASE WHEN is_send THEN :{kind.SEND} ELSE :{kind.PAYMENT} END
                     ELSE CASE WHEN is_send THEN :{kind.SEND_GENERAL} ELSE :{kind.PAYMENT_GENERAL} END END)::smallint AS kind
        FROM decided d WHERE (state).reason = :{rung.NONE}
    ),
    taken AS MATERIALIZED (
        SELECT a.place, a.operation, a.is_send, a.payer_account, a.payee_account, l.kind, l.expiry_s, l.fund,
               (least(l.high, a.spent_to) - greatest(l.low, a.spent_from))::bigint AS amount,
               row_number() OVER (PARTITION BY a.place ORDER BY l.low)::smallint AS line
        FROM accepted a JOIN lots l ON l.account = a.payer_account AND l.low < a.spent_to AND l.high > a.spent_from
    ),
    new_operations AS (
        INSERT INTO operation (municipality, id, kind, sequence, accepted_at_ms, fiscal_year, actor)
        SELECT the_municipality, operation, kind, sequence, at_ms, fiscal_year(at_ms), 'payer' FROM accepted ORDER BY place
    ),
    new_effects AS (
        INSERT INTO chain_effect (municipality, sequence, kind, words, signatures, signers, context, accepted_at_ms)
        SELECT the_municipality, sequence, kind, words, signature, payer, ''::bytea, at_ms
        FROM accepted ORDER BY place
    ),
    new_lines AS (
        INSERT INTO journal (municipality, operation, line, fiscal_year, code, debit, credit, kind, expiry_s, fund, amount)
        SELECT the_municipality, operation, line, fiscal_year(at_ms), CASE WHEN is_send THEN :{code.SEND} ELSE :{code.PAYMENT} END,
               payer_account, payee_account, kind, expiry_s, fund, amount
        FROM taken ORDER BY place, line
    ),
    debits AS (
        UPDATE balance b SET amount = b.amount - t.amount
        FROM (SELECT payer_account, kind, expiry_s, fund, sum(amount)::bigint AS amount FROM taken GROUP BY 1, 2, 3, 4) t
        WHERE b.municipality = the_municipality AND b.account = t.payer_account AND b.kind = t.kind
          AND b.expiry_s = t.expiry_s AND b.fund = t.fund
    ),
    credits AS (
        INSERT INTO balance AS b (municipality, account, kind, expiry_s, fund, amount)
        SELECT the_municipality, payee_account, kind, CASE WHEN is_send THEN expiry_s ELSE 0 END AS to_expiry_s, fund, sum(amount)
        FROM taken GROUP BY payee_account, kind, to_expiry_s, fund ORDER BY payee_account, kind, to_expiry_s, fund
        ON CONFLICT (municipality, account, kind, expiry_s, fund) DO UPDATE SET amount = b.amount + excluded.amount
    ),
    windows AS (
        UPDATE wallet w SET nonce_base = (last.state).nonce_base, nonce_map = (last.state).nonce_map
        FROM (SELECT DISTINCT ON (payer) payer, state FROM accepted WHERE window_nonce IS NOT NULL ORDER BY payer, place DESC) last
        WHERE w.municipality = the_municipality AND w.address = last.payer
    ),
    new_random_nonces AS (
        INSERT INTO random_nonce (municipality, payer, nonce)
        SELECT the_municipality, payer, nonce FROM accepted WHERE window_nonce IS NULL
    ),
    paid AS (
        UPDATE checkout c SET payment = a.id FROM accepted a
        WHERE c.municipality = the_municipality AND c.id = a.checkout
    ),
    counted AS (
        UPDATE journal_head h SET last_sequence = head + (SELECT count(*) FROM accepted), last_accepted_at_ms = at_ms
        WHERE h.municipality = the_municipality AND EXISTS (SELECT FROM accepted)
    ),
    summed AS (
        SELECT t.place, jsonb_agg(jsonb_build_array(t.kind, t.expiry_s, t.fund, t.amount) ORDER BY t.line) AS parts
        FROM taken t GROUP BY t.place
    )
    SELECT d.place::integer, (d.state).reason, a.sequence, a.kind, a.merchant_number, a.till, summed.parts
    FROM decided d
    LEFT JOIN accepted a ON a.place = d.place
    LEFT JOIN summed ON summed.place = d.place
    ORDER BY d.place;
END
$$;
