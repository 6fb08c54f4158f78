"""The same jobs on queues that are declared in different ways, side by side."""
