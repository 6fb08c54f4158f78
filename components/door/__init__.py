"""The door: the platform's one entrance for people and programs."""
