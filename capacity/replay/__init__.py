"""Replay: what queues and nodes as declared would have done with the jobs of a trace.

docs/capacity.md has the semantics.
"""
