"""A queue of a tenant: its namespace, its identity in AWS, its network, its history."""
