"""Logs of a queue after its pods are gone, as pages."""
