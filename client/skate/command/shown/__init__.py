"""How the command shows things: to a person at a terminal, and to a program behind a pipe."""
