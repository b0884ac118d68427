-- Whoever asks for a challenge or opens a session sweeps out what has lapsed. Anybody may ask, so that must not mean reading what is alive.
CREATE INDEX session_challenge_by_end ON session_challenge (municipality, expires_at_s);
CREATE INDEX session_by_end ON session (municipality, expires_at_s);
CREATE INDEX idempotency_key_by_age ON idempotency_key (municipality, principal, created_at_ms);
