"""The VPC, its endpoints, and what may talk to what."""
