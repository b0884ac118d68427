"""The demo with real processes: a town opens, charges, pays, settles and reconciles. The product imports nothing from
here."""
