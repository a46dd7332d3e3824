"""The steps, each a module with its number and that of the one before it."""
