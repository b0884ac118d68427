"""QR codes of merchants: the text (`text`), its grammar (`tlv`), the picture (`picture`) and the sheet (`sticker`)."""
