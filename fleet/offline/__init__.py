"""What stacks would register, how that differs, which policies it breaks. Knows no Typer, no Rich, no exit codes."""
