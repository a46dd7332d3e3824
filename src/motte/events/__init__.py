"""What happens, as frozen values; one module per domain."""
