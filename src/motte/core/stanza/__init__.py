"""One module per domain of stanzas; the only place where nodes are built and read."""
