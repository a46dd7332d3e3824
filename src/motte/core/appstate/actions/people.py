"""Actions on people.

    ["contact", user]           contactAction{fullName, firstName, lidJid, pnJid, username, saveOnPrimaryAddressbook}
    ["lid_contact", lid]        lidContactAction{fullName, firstName, username}
    ["pnForLidChat", lid]       pnForLidChatAction{pnJid}
    ["userStatusMute", user]    userStatusMuteAction{muted}

A contact is deleted by removing its entry, not by setting it.
"""

from __future__ import annotations

from typing import Final

from motte.core.appstate.actions.forms import FLAG, JID, JID_PART, MAYBE, TEXT, one_of
from motte.core.appstate.actions.row import Field, Row
from motte.core.appstate.collections import Collection
from motte.model.appstate import (
    ChatStart,
    ContactEntry,
    ContactRemoved,
    LidContact,
    PnForLid,
    ShareOwnPn,
    StatusMute,
    UsernameChatStart,
)

_NAMES: Final = (
    Field("full_name", "fullName", TEXT),
    Field("first_name", "firstName", TEXT),
    Field("username", "username", TEXT),
)

ROWS: Final = (
    Row(
        kind=ContactEntry,
        removal=ContactRemoved,
        name="contact",
        field="contactAction",
        collection=Collection.CRITICAL_UNBLOCK_LOW,
        version=2,
        index=(("user", JID_PART),),
        fields=(
            *_NAMES,
            Field("lid", "lidJid", JID),
            Field("pn", "pnJid", JID),
            Field("on_phone", "saveOnPrimaryAddressbook", MAYBE),
        ),
    ),
    Row(
        kind=LidContact,
        name="lid_contact",
        field="lidContactAction",
        collection=Collection.CRITICAL_UNBLOCK_LOW,
        version=1,
        index=(("user", JID_PART),),
        fields=_NAMES,
    ),
    Row(
        kind=PnForLid,
        name="pnForLidChat",
        field="pnForLidChatAction",
        collection=Collection.REGULAR,
        version=8,
        index=(("lid", JID_PART),),
        fields=(Field("pn", "pnJid", JID),),
    ),
    Row(
        kind=ShareOwnPn,
        name="shareOwnPn",
        field=None,
        collection=Collection.REGULAR,
        version=8,
        index=(("lid", JID_PART),),
    ),
    Row(
        kind=StatusMute,
        name="userStatusMute",
        field="userStatusMuteAction",
        collection=Collection.REGULAR_HIGH,
        version=7,
        index=(("user", JID_PART),),
        fields=(Field("muted", "muted", FLAG),),
    ),
    Row(
        kind=UsernameChatStart,
        name="usernameChatStartMode",
        field="usernameChatStartMode",
        collection=Collection.REGULAR,
        version=1,
        fields=(Field("mode", "chatStartMode", one_of(ChatStart)),),
    ),
)
