"""What a change makes of stacks: their registrations before and after, compared."""
