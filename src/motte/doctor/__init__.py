"""What is wrong with a session, said without a secret."""
