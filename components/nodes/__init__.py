"""Pools of nodes, what runs on each, and what makes them come and go."""
