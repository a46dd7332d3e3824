"""What `motte demo` shows."""
