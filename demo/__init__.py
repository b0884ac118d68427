"""The main job on real parts: a town opens, charges, pays, settles and reconciles. Nothing here is imported by the product."""
