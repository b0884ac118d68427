"""The paths of /v1: each reads the request, calls the domain and writes the answer."""
