"""Polls and votes.

pollCreationMessage{name, options[{optionName}], selectableOptionsCount}     several choices
pollCreationMessageV3{…}                                                     one choice
pollCreationMessageV2{…}                                                     announcement groups
pollCreationMessageV5{…, pollType=QUIZ, correctAnswer}                       read only
pollUpdateMessage{pollCreationMessageKey, vote{encPayload, encIv}, senderTimestampMs}
    encPayload = sealed PollVoteMessage{selectedOptions[SHA-256 of an option]}
pollResultSnapshotMessage{name, pollVotes[{optionName, optionVoteCount}]}    also V3
"""

from __future__ import annotations

from typing import Final

from motte.core.message.content.fields import maybe, text
from motte.core.message.content.scene import Builder, Reader, Scene, Viewpoint, wire_key
from motte.errors import LocalProtocolError
from motte.model.content.encrypted import Encrypted, SecretUse
from motte.model.content.poll import Poll, PollResults, PollVote
from motte.proto.e2e_pb2 import Message

MAX_OPTIONS: Final = 256
"""Options read from one poll or vote."""
_HASH_SIZE: Final = 32


def _poll(content: Poll, scene: Scene) -> Message:
    _sensible(content)
    wire = Message.PollCreationMessage(
        name=content.name,
        options=[Message.PollCreationMessage.Option(optionName=option) for option in content.options],
        selectableOptionsCount=content.selectable,
    )
    if content.announcement:
        return Message(pollCreationMessageV2=wire)
    if content.selectable == 1:
        return Message(pollCreationMessageV3=wire)
    return Message(pollCreationMessage=wire)


def _sensible(content: Poll) -> None:
    """Refuse what nobody could vote on; options with the same text could not be told apart in a vote."""
    if content.answer is not None:
        raise LocalProtocolError("a quiz can be received, but not sent")
    if not content.name or not content.options or len(set(content.options)) != len(content.options):
        raise LocalProtocolError("a poll needs a question, and options that differ")
    if not 0 <= content.selectable <= len(content.options):
        raise LocalProtocolError("the number of choices of a poll is from 0 (any) to the number of its options")


def _vote(content: PollVote, scene: Scene) -> Message:
    plaintext = Message.PollVoteMessage(selectedOptions=content.chosen).SerializeToString()
    payload, iv = scene.seal(plaintext, SecretUse.POLL_VOTE, content.poll)
    return Message(
        pollUpdateMessage=Message.PollUpdateMessage(
            pollCreationMessageKey=wire_key(content.poll),
            vote=Message.PollEncValue(encPayload=payload, encIv=iv),
            senderTimestampMs=content.timestamp_ms or scene.now_ms,
        )
    )


def _results(content: PollResults, scene: Scene) -> Message:
    votes = [
        Message.PollResultSnapshotMessage.PollVote(optionName=option, optionVoteCount=count)
        for option, count in content.votes
    ]
    return Message(pollResultSnapshotMessage=Message.PollResultSnapshotMessage(name=content.name, pollVotes=votes))


def _read(wire: Message.PollCreationMessage, *, announcement: bool = False) -> Poll:
    return Poll(
        name=text(wire.name),
        options=tuple(text(option.optionName) for option in wire.options[:MAX_OPTIONS]),
        selectable=wire.selectableOptionsCount,
        announcement=announcement,
        answer=maybe(wire.correctAnswer.optionName),
    )


def _read_v1(message: Message, view: Viewpoint) -> Poll:
    return _read(message.pollCreationMessage)


def _read_v2(message: Message, view: Viewpoint) -> Poll:
    return _read(message.pollCreationMessageV2, announcement=True)


def _read_v3(message: Message, view: Viewpoint) -> Poll:
    return _read(message.pollCreationMessageV3)


def _read_v5(message: Message, view: Viewpoint) -> Poll:
    return _read(message.pollCreationMessageV5)


def _read_vote(message: Message, view: Viewpoint) -> Encrypted:
    wire = message.pollUpdateMessage
    return Encrypted(
        use=SecretUse.POLL_VOTE,
        target=view.target(wire.pollCreationMessageKey),
        payload=wire.vote.encPayload,
        iv=wire.vote.encIv,
        timestamp_ms=wire.senderTimestampMs or None,
    )


def opened_vote(plaintext: bytes, encrypted: Encrypted) -> PollVote:
    """A vote that was decrypted; may raise `DecodeError`."""
    wire = Message.PollVoteMessage.FromString(plaintext)
    hashes = tuple(dict.fromkeys(one for one in wire.selectedOptions[:MAX_OPTIONS] if len(one) == _HASH_SIZE))
    return PollVote(poll=encrypted.target, hashes=hashes, timestamp_ms=encrypted.timestamp_ms)


def _read_results(message: Message, view: Viewpoint) -> PollResults:
    return _snapshot(message.pollResultSnapshotMessage)


def _read_results_v3(message: Message, view: Viewpoint) -> PollResults:
    return _snapshot(message.pollResultSnapshotMessageV3)


def _snapshot(wire: Message.PollResultSnapshotMessage) -> PollResults:
    votes = tuple((text(vote.optionName), vote.optionVoteCount) for vote in wire.pollVotes[:MAX_OPTIONS])
    return PollResults(name=text(wire.name), votes=votes)


BUILDERS: Final[dict[type, Builder]] = {Poll: _poll, PollVote: _vote, PollResults: _results}
READERS: Final[dict[str, Reader]] = {
    "pollCreationMessage": _read_v1,
    "pollCreationMessageV2": _read_v2,
    "pollCreationMessageV3": _read_v3,
    "pollCreationMessageV5": _read_v5,
    "pollUpdateMessage": _read_vote,
    "pollResultSnapshotMessage": _read_results,
    "pollResultSnapshotMessageV3": _read_results_v3,
}
