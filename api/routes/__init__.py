"""What each path of /v1 does: read the request, call the domain, write the answer."""
