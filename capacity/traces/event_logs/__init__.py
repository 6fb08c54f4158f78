"""Spark's event logs: a run of a job from what its driver wrote down."""
