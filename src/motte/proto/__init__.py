"""The protobuf schema of WhatsApp Web, one `.proto` per domain, and the modules that protoc makes of them.

`scripts/proto` regenerates every `*_pb2.py` and `*_pb2.pyi`; `scripts/proto --check` (and a test) says whether they are
fresh. The `.proto` files are proto2, because some enums do not start at 0, and because presence matters everywhere.
They hold every message of the schema that the pinned Baileys package ships, which a test compares field by field;
the package there is `motte.wa`, so they live beside other libraries' copies in one descriptor pool.

    handshake       Noise messages and certificates         e2e            Message and all its kinds, ContextInfo
    client_payload  login and registration                  web_message    a stored message and what others added
    device_props    how a companion describes itself        bots           Meta AI and other bots
    adv             device identities, key-index lists      rich_response  the parts of a rich bot answer
    pairing         pairing beside the QR code              message_key    the name of a message
    history         history sync                            media_retry    asking for a lost medium
    app_state       patches and snapshots                   call_log       one call
    sync_action     what is inside a mutation               business       verified names
    settings        of the account and the web client       lid            phone numbers and LIDs
    signal          libsignal's messages and records        local_rows     rows of the official client's database

One more is motte's own: `storage` (Signal state at rest).

Import the module, not the names: `from motte.proto import adv_pb2`. `e2e_pb2` is the heavy one (about 20 ms).
"""
