"""The connection as a machine."""
