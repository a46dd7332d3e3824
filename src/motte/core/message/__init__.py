"""What is inside a message stanza: compose, parse, padding, fan-out plan, envelope."""
