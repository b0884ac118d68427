-- What a line of the journal may be: coin.records.journal_codes.JournalCode, held equal by a test.
ALTER TABLE journal ADD CONSTRAINT journal_code_is_known CHECK (code IN (
    'top_up', 'bonus', 'payment', 'send', 'redeem', 'expiry',
    'reversal', 'grant', 'ticket', 'refund', 'advance', 'recover', 'forced_transfer'));
