"""The command line over all stacks."""
