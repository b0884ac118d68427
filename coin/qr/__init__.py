"""The code that a merchant shows: its text (`text`), its grammar (`tlv`) and its picture (`picture`)."""
