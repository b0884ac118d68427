"""The domain of ばんだいコイン; importing it loads nothing. docs/architecture.md draws the layers."""
