"""What a change makes of stacks: their plans before and after, compared."""
