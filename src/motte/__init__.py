"""motte: the multi-device client of WhatsApp Web in typed Python."""
