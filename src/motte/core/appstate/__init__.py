"""App-state sync."""
