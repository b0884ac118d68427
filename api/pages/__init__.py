"""Pages for people: the guide to the API, the causes and fixes of errors, and their layout."""
