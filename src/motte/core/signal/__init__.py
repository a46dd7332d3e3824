"""Signal: X3DH, the Double Ratchet, sender keys."""
