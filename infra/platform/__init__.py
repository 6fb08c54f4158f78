"""A platform, assembled from its settings."""
