"""The rules, a function each, by what they are about."""
