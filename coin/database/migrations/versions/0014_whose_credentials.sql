-- A label of a credential can be a person's name: that of staff is kept sealed in personal_data from now on, and what stood here in clear
-- goes (no migration has the key); that of a till's credential was a copy of the till's.
ALTER TABLE credential DROP COLUMN label;
