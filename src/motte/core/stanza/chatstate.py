"""Typing and recording.

<chatstate from="15550100002@s.whatsapp.net" [participant="…"]><composing [media="audio"]/></chatstate>
<chatstate from="15550100001:3@s.whatsapp.net" to="15550100002@s.whatsapp.net"><paused/></chatstate>
"""

from __future__ import annotations

from motte.core.binary.node import Node
from motte.core.stanza.build import element
from motte.core.stanza.reader import Reader
from motte.model.jid import Jid
from motte.model.me import Me
from motte.model.presence import Activity, ChatState


def read(chatstate: Reader) -> ChatState:
    """The value of a `<chatstate>`."""
    chat, state = chatstate.jid("from"), chatstate.first()
    user = chatstate.optional_jid("participant") or chat
    if state is None or state.tag not in (Activity.COMPOSING, Activity.PAUSED):
        raise chatstate.error("says neither composing nor paused")
    recording = state.tag == Activity.COMPOSING and state.optional_text("media") == "audio"
    return ChatState(chat=chat, user=user, activity=Activity.RECORDING if recording else Activity(state.tag))


def send(me: Me, chat: Jid, activity: Activity) -> Node:
    """Tell a chat what this client's user is doing."""
    recording = activity is Activity.RECORDING
    state = element(Activity.COMPOSING if recording else activity, {"media": "audio" if recording else None})
    return element("chatstate", {"from": me.facing(chat), "to": chat}, [state])
