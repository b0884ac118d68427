-- An authorization has 30 minutes to live when it is accepted, so no record ends its batch. What waits from before is cut so that
-- asOf stays below its end (coin/settlement/cut.py), with or without this column.
ALTER TABLE chain_effect DROP COLUMN seal_after;
