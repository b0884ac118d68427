"""Measurements that a release is held to; nothing here ships."""
