"""`client.groups`: make, change and leave groups; whom they consist of; ways into them.

Messages to a group go through `client.messages.send`, as to a person. What others change comes as `GroupChanged`.

Every method asks the server, and raises what that brings: `Disconnected`, `RequestTimeout`, and a `ServerError` when it
refuses (`Forbidden`: not a member, or not an admin; `ItemNotFound`: no such group).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from motte.client.features.messages import address
from motte.client.features.pictures import Pictures
from motte.client.ports import Account, KnownGroups, MessageIds, Requests
from motte.core.stanza.groups import invites, members, settings
from motte.core.stanza.groups.members import CreatedGroup
from motte.errors import InvalidJid, LocalProtocolError
from motte.model.content.people import GroupInvite
from motte.model.group import Group, JoinRequest, JoinResult, MemberAddMode, ParticipantResult
from motte.model.jid import Jid
from motte.model.picture import Picture, PictureSource

LINK: Final = "https://chat.whatsapp.com/"
"""What invite links begin with; the code follows."""
People = Iterable[Jid | str]


class Groups:
    """Groups of the account. A group is a JID or its text; a person, too, or a phone number."""

    def __init__(
        self, *, wire: Requests, account: Account, known: KnownGroups, ids: MessageIds, pictures: Pictures
    ) -> None:
        self._pictures = pictures
        self._wire, self._account, self._known, self._ids = wire, account, known, ids

    # --- what there is -------------------------------------------------------------------------------------------

    async def get(self, group: Jid | str, *, fresh: bool = False) -> Group:
        """The group, as it was last told; `fresh` asks the server even when it is known."""
        return await self._known.metadata(_group(group), fresh=fresh)

    async def all(self) -> Sequence[Group]:
        """Every group that the account is in, from the server."""
        return await self._known.all()

    async def some(self, groups: Iterable[Jid | str], *, fresh: bool = False) -> Mapping[Jid, Group]:
        """Several groups in one request, by JID; those that the account is not in are left out.

        What was told before is not asked for again, unless with `fresh`.
        """
        return await self._known.some([_group(group) for group in groups], fresh=fresh)

    # --- coming and going ----------------------------------------------------------------------------------------

    async def create(self, subject: str, people: People = ()) -> CreatedGroup:
        """Make a group with these people; `results` says who could not be added."""
        created = await self._wire.request(members.CreateGroup(subject, _people(people), self._ids.new_id()))
        await self._known.keep(created.group)
        return created

    async def leave(self, group: Jid | str) -> None:
        """Leave a group."""
        await self._wire.request(members.LeaveGroup(_group(group)))
        self._known.forget(_group(group))

    async def add(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Add people; the result says for each whether it was done. Who may only be invited has an `invitation`."""
        return await self._change(group, "add", people)

    async def remove(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Remove people. Our next message goes out under a key that they do not have."""
        return await self._change(group, "remove", people)

    async def promote(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Make people admins."""
        return await self._change(group, "promote", people)

    async def demote(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Make admins ordinary members."""
        return await self._change(group, "demote", people)

    async def _change(self, group: Jid | str, action: members.Action, people: People) -> tuple[ParticipantResult, ...]:
        results = await self._wire.request(members.ChangeParticipants(_group(group), action, _people(people)))
        self._known.forget(_group(group))
        return results

    # --- settings ------------------------------------------------------------------------------------------------

    async def set_subject(self, group: Jid | str, subject: str) -> None:
        """Name the group."""
        await self._set(settings.subject(_group(group), subject))

    async def set_description(self, group: Jid | str, text: str | None) -> None:
        """Describe the group; None takes the description away. `Conflict`: somebody changed it meanwhile."""
        current = (await self.get(group, fresh=True)).description
        previous = current.id if current else None
        await self._set(settings.description(_group(group), text, version=self._ids.new_id(), previous=previous))

    async def picture(self, group: Jid | str, *, full: bool = True, known: Picture | None = None) -> Picture | None:
        """The picture of the group, in full size or small; None when there is none.

        Give the one that you have as `known`: it is given back when it is still right.
        """
        return await self._pictures.get(_group(group), full=full, known=known)

    async def set_picture(self, group: Jid | str, picture: PictureSource) -> str:
        """Show another picture, a path or bytes, as `client.profile.set_picture` does; gives its id.

        Raises:
            OSError: the file cannot be read.
            LocalProtocolError: it is no picture, it is too large, or without the `media` extra no JPEG.
        """
        return await self._pictures.set(_group(group), picture)

    async def remove_picture(self, group: Jid | str) -> None:
        """Show no picture."""
        await self._pictures.remove(_group(group))

    async def set_announcement(self, group: Jid | str, enabled: bool) -> None:
        """Let only admins write."""
        await self._set(settings.switch(_group(group), "announcement", enabled))

    async def set_locked(self, group: Jid | str, enabled: bool) -> None:
        """Let only admins change subject, description, picture and timer."""
        await self._set(settings.switch(_group(group), "locked", enabled))

    async def set_timer(self, group: Jid | str, seconds: int) -> None:
        """Let new messages disappear after a day, a week or 90 days, in seconds; 0: let them stay."""
        if seconds < 0:
            raise LocalProtocolError("a timer is at least 0 seconds, which is off")
        await self._set(settings.timer(_group(group), seconds))

    async def set_member_add_mode(self, group: Jid | str, mode: MemberAddMode) -> None:
        """Say who may add people."""
        await self._set(settings.member_add_mode(_group(group), mode))

    async def set_approval(self, group: Jid | str, enabled: bool) -> None:
        """Say whether who wants to join has to be let in by an admin."""
        await self._set(settings.approval_mode(_group(group), enabled))

    async def _set(self, change: settings.SetInGroup) -> None:
        await self._wire.request(change)
        self._known.forget(change.group)

    # --- ways in -------------------------------------------------------------------------------------------------

    async def invite_link(self, group: Jid | str) -> str:
        """The link by which people can join."""
        return LINK + await self._wire.request(invites.GetInviteCode(_group(group)))

    async def reset_invite_link(self, group: Jid | str) -> str:
        """A new link; the old one leads nowhere from now on."""
        return LINK + await self._wire.request(invites.ResetInviteCode(_group(group)))

    async def preview(self, link: str) -> Group:
        """Where an invite link or its code leads. `Gone`: it was reset; `NotAcceptable`: there is no such code."""
        return await self._wire.request(invites.GetInvitedGroup(_code(link)))

    async def join(self, link: str) -> JoinResult:
        """Join by an invite link or its code; `pending` says that an admin has to agree first."""
        return await self._wire.request(invites.JoinByCode(_code(link)))

    async def accept(self, invite: GroupInvite, inviter: Jid | str) -> JoinResult:
        """Join by a personal invitation that `inviter` sent as a message.

        `Gone`: it has expired; `NotAcceptable`: it was taken back or used.
        """
        request = invites.AcceptInvitation(invite.group, invite.code, invite.expires_at, address(inviter).user_jid)
        return await self._wire.request(request)

    async def preview_invitation(self, invite: GroupInvite, inviter: Jid | str) -> Group:
        """Where a personal invitation leads. `Gone`: it has expired; `NotAcceptable`: it was taken back or used."""
        request = invites.GetInvitingGroup(invite.group, invite.code, invite.expires_at, address(inviter).user_jid)
        return await self._wire.request(request)

    async def revoke_invitations(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Take back the personal invitations of these people."""
        return await self._wire.request(invites.RevokeInvitations(_group(group), _people(people)))

    async def join_requests(self, group: Jid | str) -> tuple[JoinRequest, ...]:
        """Who asks to be let in."""
        return await self._wire.request(invites.GetJoinRequests(_group(group)))

    async def cancel_join_request(self, group: Jid | str) -> None:
        """Take back that we asked to be let in. `ItemNotFound`: we did not, or it was decided."""
        me = self._account.me
        await self._wire.request(invites.CancelJoinRequest(_group(group), (me.lid or me.pn).user_jid))

    async def approve(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Let people in who asked."""
        return await self._decide(group, "approve", people)

    async def reject(self, group: Jid | str, *people: Jid | str) -> tuple[ParticipantResult, ...]:
        """Turn people down who asked."""
        return await self._decide(group, "reject", people)

    async def _decide(
        self, group: Jid | str, decision: invites.Decision, people: People
    ) -> tuple[ParticipantResult, ...]:
        results = await self._wire.request(invites.DecideJoinRequests(_group(group), decision, _people(people)))
        self._known.forget(_group(group))
        return results


def _group(group: Jid | str) -> Jid:
    jid = Jid.parse(group) if isinstance(group, str) else group
    if not jid.is_group:
        raise InvalidJid(f"{jid} is not a group; their JIDs end in @g.us")
    return jid


def _people(people: People) -> tuple[Jid, ...]:
    return tuple(dict.fromkeys(address(one).user_jid for one in people))


def _code(link: str) -> str:
    return link.strip().removeprefix(LINK).removeprefix("invite/").partition("?")[0]
