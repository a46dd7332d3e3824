"""Contacts, phone numbers and invitations.

contactMessage{displayName, vcard}          contactsArrayMessage{displayName, contacts[…]}
groupInviteMessage{groupJid, inviteCode, inviteExpiration, groupName, jpegThumbnail, caption, groupType}
newsletterAdminInviteMessage{newsletterJid, newsletterName, jpegThumbnail, caption, inviteExpiration}
newsletterFollowerInviteMessageV2{…}
requestPhoneNumberMessage{}
"""

from __future__ import annotations

from typing import Final

from motte.core.message.content.fields import jid, text
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint
from motte.errors import LocalProtocolError
from motte.model.content.people import Contact, Contacts, GroupInvite, NewsletterInvite, RequestPhoneNumber
from motte.proto.e2e_pb2 import Message

MAX_CONTACTS: Final = 1024
"""Contacts read from one message."""


def _wire(content: Contact) -> Message.ContactMessage:
    return Message.ContactMessage(displayName=content.name, vcard=content.vcard)


def _contact(content: Contact, scene: Scene) -> Message:
    return Message(contactMessage=_wire(content))


def _contacts(content: Contacts, scene: Scene) -> Message:
    if not content.contacts:
        raise LocalProtocolError("a list of contacts is empty")
    wire = Message.ContactsArrayMessage(displayName=content.name, contacts=map(_wire, content.contacts))
    return Message(contactsArrayMessage=wire)


def _group_invite(content: GroupInvite, scene: Scene) -> Message:
    kinds = Message.GroupInviteMessage
    return Message(
        groupInviteMessage=Message.GroupInviteMessage(
            groupJid=str(content.group),
            inviteCode=content.code,
            inviteExpiration=content.expires_at,
            groupName=content.name or None,
            caption=content.caption or None,
            jpegThumbnail=content.thumbnail,
            groupType=kinds.PARENT if content.is_community else None,
        )
    )


def _newsletter_invite(content: NewsletterInvite, scene: Scene) -> Message:
    newsletter, name, caption = str(content.newsletter), content.name or None, content.caption or None
    if content.expires_at is None:
        return Message(
            newsletterFollowerInviteMessageV2=Message.NewsletterFollowerInviteMessage(
                newsletterJid=newsletter, newsletterName=name, caption=caption, jpegThumbnail=content.thumbnail
            )
        )
    return Message(
        newsletterAdminInviteMessage=Message.NewsletterAdminInviteMessage(
            newsletterJid=newsletter,
            newsletterName=name,
            caption=caption,
            jpegThumbnail=content.thumbnail,
            inviteExpiration=content.expires_at,
        )
    )


def _request_number(content: RequestPhoneNumber, scene: Scene) -> Message:
    return Message(requestPhoneNumberMessage=Message.RequestPhoneNumberMessage())


def _read(wire: Message.ContactMessage) -> Contact:
    return Contact(name=text(wire.displayName), vcard=text(wire.vcard))


def _read_contact(message: Message, view: Viewpoint) -> Contact:
    return _read(message.contactMessage)


def _read_contacts(message: Message, view: Viewpoint) -> Contacts:
    wire = message.contactsArrayMessage
    return Contacts(name=text(wire.displayName), contacts=tuple(map(_read, wire.contacts[:MAX_CONTACTS])))


def _read_group_invite(message: Message, view: Viewpoint) -> GroupInvite | None:
    wire = message.groupInviteMessage
    group = jid(wire.groupJid)
    if group is None or not group.is_group:
        return None
    return GroupInvite(
        group=group,
        code=text(wire.inviteCode),
        expires_at=wire.inviteExpiration,
        name=text(wire.groupName),
        caption=text(wire.caption),
        thumbnail=wire.jpegThumbnail or None,
        is_community=wire.groupType == Message.GroupInviteMessage.PARENT,
    )


def _read_admin_invite(message: Message, view: Viewpoint) -> NewsletterInvite | None:
    wire = message.newsletterAdminInviteMessage
    return _newsletter(wire, wire.inviteExpiration)


def _read_follower_invite(message: Message, view: Viewpoint) -> NewsletterInvite | None:
    return _newsletter(message.newsletterFollowerInviteMessageV2, None)


def _newsletter(
    wire: Message.NewsletterAdminInviteMessage | Message.NewsletterFollowerInviteMessage, expires_at: int | None
) -> NewsletterInvite | None:
    newsletter = jid(wire.newsletterJid)
    if newsletter is None or not newsletter.is_newsletter:
        return None
    return NewsletterInvite(
        newsletter=newsletter,
        name=text(wire.newsletterName),
        caption=text(wire.caption),
        expires_at=expires_at,
        thumbnail=wire.jpegThumbnail or None,
    )


def _read_request(message: Message, view: Viewpoint) -> RequestPhoneNumber:
    return RequestPhoneNumber()


BUILDERS: Final[dict[type, Builder]] = {
    Contact: _contact,
    Contacts: _contacts,
    GroupInvite: _group_invite,
    NewsletterInvite: _newsletter_invite,
    RequestPhoneNumber: _request_number,
}
READERS: Final[dict[str, Reader]] = {
    "contactMessage": _read_contact,
    "contactsArrayMessage": _read_contacts,
    "groupInviteMessage": _read_group_invite,
    "newsletterAdminInviteMessage": _read_admin_invite,
    "newsletterFollowerInviteMessageV2": _read_follower_invite,
    "requestPhoneNumberMessage": _read_request,
}
