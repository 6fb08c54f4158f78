"""The EKS cluster and its add-ons."""
