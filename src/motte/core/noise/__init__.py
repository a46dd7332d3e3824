"""The Noise handshakes and transport."""
