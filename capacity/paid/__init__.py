"""What queues' work costs today, before it runs here: the bill."""
