"""The Pulumi program: settings, the platform and tenant stacks, and the contract between the two."""
