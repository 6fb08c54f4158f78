"""What those who deploy, or preview, may do in AWS: statements of IAM by role, in documents that IAM takes."""
