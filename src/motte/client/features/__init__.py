"""One small class per namespace of the client: `client.messages`, `client.presence`, …"""
