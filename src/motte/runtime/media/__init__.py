"""Files: up to the media servers, and down from them."""
