"""Where state lives: backends of four methods and typed views over them."""
