"""A tenant, assembled from its settings and its platform's contract."""
