"""How big a queue should be: recorded jobs, their replay on queues as stack files declare them, and what follows."""
