"""Buckets, volumes and the keys that encrypt them."""
