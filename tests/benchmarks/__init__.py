"""Benchmarks: what `make bench` and its kin time. Nothing here is a test."""
