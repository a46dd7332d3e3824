"""App-state sync: keeping up with the account's shared state, and changing it."""
