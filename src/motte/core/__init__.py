"""The protocol as computation: bytes and values in, values and bytes out; no waiting, no clocks, no dice."""
