"""What a job is told: Spark's defaults and a ready application."""
