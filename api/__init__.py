"""The gateway: HTTP in, domain out. It holds the receipts' key and no other, and decides nothing about money itself."""
