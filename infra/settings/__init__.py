"""What a stack file may say: models, reading, and the rules within and between stacks. Imports no Pulumi."""
