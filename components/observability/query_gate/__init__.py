"""The gate between Grafana and Prometheus: everybody sees the tenants that their sign-in names, and no others."""
