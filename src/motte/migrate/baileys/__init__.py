"""Taking over a linked device from Baileys, so that nobody has to pair again."""
