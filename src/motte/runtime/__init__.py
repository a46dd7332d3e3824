"""The asyncio engine: read, decrypt, dispatch, reconnect, upkeep."""
