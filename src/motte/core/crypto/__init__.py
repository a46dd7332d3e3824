"""Primitives, all computed by libsodium and OpenSSL."""
