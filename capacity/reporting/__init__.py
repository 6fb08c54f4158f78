"""A comparison as a report: the numbers of its figures, the figures, and the same numbers as JSON and CSV."""
