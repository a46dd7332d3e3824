"""The values that users see; one module per domain."""
