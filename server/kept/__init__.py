"""Ops the server keeps because it could not run them, and outboxes that arrive as files."""
