"""Labels that people give to tills and credentials: two that look the same are one."""

import unicodedata


def read_as(label: str) -> str:
    """Return a label as people read it: full and half width, case and spaces do not count."""
    return "".join(unicodedata.normalize("NFKC", label).casefold().split())
