"""Logs: what Fluent Bit reads, what it makes of it, and where that goes."""
