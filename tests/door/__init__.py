"""The door for real: Envoy Gateway and Envoy with what a platform and its tenants register, a login, and attacks."""
