"""From what happens to rows; one module per domain."""
