"""Figures for people, read from the books."""
