"""What holds against a real API server: not part of `make test`, but of `make test-cluster`."""
