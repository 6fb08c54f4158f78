"""Who may do what, in AWS and in the cluster."""
