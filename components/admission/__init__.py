"""What the API server itself enforces in queues: its admission policies, written in CEL."""
