"""motte: the multi-device client of WhatsApp Web in typed Python.

    from motte import Client, events

    async with Client("bot.db") as client:
        await client.connect()
        await client.messages.send("+1 555 010 0001", "hello")
"""

from motte import errors, events
from motte.client.client import Client
from motte.client.features.messages import SentMessage
from motte.core.session.payload import ClientInfo, ClientVersion
from motte.errors import MotteError
from motte.model.disconnect import Cause, DisconnectInfo, DisconnectReason, NextAction, Policy
from motte.model.jid import Jid
from motte.model.message import Message, MessageKey, Origin, Text
from motte.runtime.config import Config

__all__ = [
    "Cause",
    "Client",
    "ClientInfo",
    "ClientVersion",
    "Config",
    "DisconnectInfo",
    "DisconnectReason",
    "Jid",
    "Message",
    "MessageKey",
    "MotteError",
    "NextAction",
    "Origin",
    "Policy",
    "SentMessage",
    "Text",
    "errors",
    "events",
]
__version__ = "0.1.0"
