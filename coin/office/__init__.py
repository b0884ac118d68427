"""What the town's staff do beside the signed records: quotes, credentials, the list of shops, stickers, a batch that comes late."""
