"""What can be asked; one module per domain. Each function runs in a thread, on a connection that reads."""
