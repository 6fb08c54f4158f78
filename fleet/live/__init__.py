"""What asks AWS, a cluster or Prometheus."""
