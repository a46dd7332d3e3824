"""The local server: phones, accounts, pairing and message routing on 127.0.0.1, in the protocol of WhatsApp Web.

How it is put together (docs/design/local-server.md says why):

    app ── admin              sockets, TLS, HTTP                  the only files that know aiohttp
     └ session ── wire        one connection: Noise, frames, its stages (pairing, logged in)
        └ hub                 the world: directory, mailboxes, faults, `receive` and `deliver`
           └ registry         which handler takes which stanza, one table
              └ one file a domain: prekeys, usync, devices, routing, receipts, presence, settings, upkeep
    phone                     device 0 of each account, a Signal peer inside the process

It shares codec, Noise and crypto with the client, never the stanza modules: a shared misunderstanding would pass
unseen.
"""
