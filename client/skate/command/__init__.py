"""The command `skate`, written on the SDK: each command in a module of its name, imported when it is called."""
