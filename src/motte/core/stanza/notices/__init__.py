"""What notifications say, one module per subject; `core.stanza.notification` is the table of them."""
