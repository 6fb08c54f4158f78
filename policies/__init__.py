"""The policy pack: rules that every stack's resources keep, in previews, at `pulumi up` and in unit tests."""
