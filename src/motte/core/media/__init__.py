"""Media encryption."""
