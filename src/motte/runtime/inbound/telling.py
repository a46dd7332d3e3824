"""Notifications that change nothing here, as the events that programs get; one table by the type of the value."""

from __future__ import annotations

from typing import assert_never

from motte.core.stanza import notification as kinds
from motte.core.stanza.dispatch import Malformed
from motte.core.stanza.header import Header
from motte.core.stanza.notices import mex
from motte.core.stanza.notices.account import DefaultTimerChanged, OwnProfileChanged
from motte.core.stanza.notices.business import BusinessChanged
from motte.core.stanza.notices.people import ContactChanged, ContactSyncAsked, ContactTimerChanged, NumberChanged
from motte.core.stanza.notification import Notification
from motte.events import notification as events
from motte.events import profile
from motte.events.base import Event
from motte.events.picture import PictureChanged


def event_of(notification: Notification) -> Event:
    """The event that tells of a notification; a `NoticeReceived` without outline for what has no event of its own."""
    header = notification.header
    match notification:
        case kinds.PictureChanged(owner=owner, picture_id=picture_id, author=author):
            return PictureChanged(owner=owner, picture_id=picture_id, author=author, timestamp=header.t)
        case kinds.StatusTextChanged(user=user, text=text):
            return profile.AboutChanged(user=user, text=text, timestamp=header.t)
        case DefaultTimerChanged(duration=duration, set_at=set_at):
            return profile.DefaultTimerChanged(seconds=duration, set_at=set_at)
        case ContactTimerChanged(user=user, duration=duration, set_at=set_at):
            return events.ContactTimerChanged(user=user, duration=duration, set_at=set_at)
        case ContactSyncAsked(after=after):
            return events.ContactSyncRequested(after=after)
        case OwnProfileChanged(part=part):
            return events.OwnProfileChanged(part=part.value)
        case ContactChanged(user=user) if user is not None:
            return events.ContactChanged(user=user, timestamp=header.t)
        case NumberChanged():
            return _number(notification)
        case BusinessChanged():
            return _business(notification)
        case mex.MexUpdated(operation=operation, update=update):
            return _mex(operation, update)
        case kinds.Notice(outline=outline):
            return _notice(header, outline)
        case kinds.UnknownNotification(parts=parts, outline=outline):
            return events.UnknownNotification(
                type=header.type or "", source=header.source, parts=parts, outline=outline, timestamp=header.t
            )
    return _notice(header, "")


def event_of_broken(stanza: Malformed, header: Header) -> Event:
    """The event that tells of a notification that breaks the protocol."""
    return events.UnknownNotification(
        type=header.type or "",
        source=header.source,
        parts=(),
        outline=stanza.outline,
        problem=str(stanza.error),
        timestamp=header.t,
    )


def _notice(header: Header, outline: str) -> Event:
    return events.NoticeReceived(type=header.type or "", source=header.source, outline=outline, timestamp=header.t)


def _number(change: NumberChanged) -> Event:
    return events.ContactNumberChanged(
        old=change.old, new=change.new, old_lid=change.old_lid, new_lid=change.new_lid, timestamp=change.header.t
    )


def _business(change: BusinessChanged) -> Event:
    return events.BusinessChanged(
        part=change.part.value,
        user=change.user,
        hash=change.hash,
        name=change.name,
        items=change.items,
        timestamp=change.header.t,
    )


def _mex(operation: str, update: mex.Update) -> Event:
    match update:
        case mex.ReachoutTimelock(active=active, until=until, kind=kind):
            return events.ReachoutLimited(active=active, until=until, kind=kind)
        case mex.MessageCapping(used=used, total=total, until=until, status=status):
            return events.MessageCapping(used=used, total=total, until=until, status=status)
        case mex.UsernameChange(user=user, username=username):
            return events.UsernameChanged(user=user, username=username)
        case mex.LidChange(old=old, new=new):
            return events.ContactLidChanged(old=old, new=new)
        case mex.RawUpdate(data=data):
            return events.MexUpdated(operation=operation, data=data)
    assert_never(update)
