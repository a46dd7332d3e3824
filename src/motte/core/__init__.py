"""The protocol as computation: bytes and values in, values and bytes out. Nothing here waits, reads clocks or rolls dice."""
