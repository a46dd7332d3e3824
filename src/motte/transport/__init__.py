"""Sockets: WebSocket, HTTP, proxies."""
