"""From a content to an acked stanza: devices, sessions, encrypt, commit, send."""
