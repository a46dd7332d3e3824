"""History sync: the chunks of chats and messages that a phone sends to a new companion."""
