"""History sync: chunks fetched, read, taken in part by part, and asked for."""
