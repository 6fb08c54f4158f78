"""What queues have cost: measured by Prometheus or billed by AWS, as a report in several formats."""
