"""Benchmarks with the goals of a release; nothing here is shipped."""
