"""From a stanza to an event: decrypt, commit, acknowledge, tell."""
