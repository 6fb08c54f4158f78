"""The cost report for people and programs."""
