"""What the town's staff do to the books: each use case has an actor, checks the signed message, and writes an audit row."""
