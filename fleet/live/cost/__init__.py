"""What queues have cost and saved, by what AWS and Prometheus say."""
