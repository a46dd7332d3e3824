"""The binary XML codec."""
