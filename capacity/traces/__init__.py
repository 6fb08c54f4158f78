"""Traces: recorded jobs as one table, whatever system they ran on."""
