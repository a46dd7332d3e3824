"""The local server: accounts, phones, routing, faults."""
