"""Tools for tests, public on purpose: the local server, clocks, randomness."""
