"""A string field that is no UTF-8 gets into no value, whatever the kind."""

from collections.abc import Iterator

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError

from motte.core.message.content.tables import READERS
from motte.core.message.parse import parse
from motte.errors import RemoteProtocolError
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.e2e_pb2 import Message

ME = Me(pn=Jid.parse("15550100001:3@s.whatsapp.net"), lid=Jid.parse("100000000000001:3@lid"))
ADA = Jid.parse("15550100002@s.whatsapp.net")
THEIRS = MessageKey(chat=ADA, id="THEIRS", sender=ADA, from_me=False)


def kind_type(kind: str) -> Descriptor:
    descriptor = Message.DESCRIPTOR.fields_by_name[kind].message_type
    assert descriptor is not None
    return descriptor


def strings(descriptor: Descriptor, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], FieldDescriptor]]:
    """Every string field of a kind and of what is in it, down to three levels."""
    for field in descriptor.fields:
        if field.type == FieldDescriptor.TYPE_STRING:
            yield path, field
        elif field.message_type is not None and len(path) < 3 and field.message_type.name != "Message":
            yield from strings(field.message_type, (*path, field.name))


def bad(kind: str, path: tuple[str, ...], field: FieldDescriptor) -> bytes:
    """A message of a kind whose `field` is no UTF-8."""
    data = bytes([*varint(field.number << 3 | 2), 2, 0xFF, 0xFE])
    descriptor = kind_type(kind)
    numbers = [Message.DESCRIPTOR.fields_by_name[kind].number]
    for name in path:
        inner = descriptor.fields_by_name[name]
        assert inner.message_type is not None
        numbers.append(inner.number)
        descriptor = inner.message_type
    for number in reversed(numbers):
        data = bytes([*varint(number << 3 | 2), *varint(len(data))]) + data
    return data


def varint(number: int) -> Iterator[int]:
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


@pytest.mark.parametrize("kind", sorted(READERS.keys() - {"conversation"}))
def test_every_text_is_utf8_or_refused(kind: str) -> None:
    """The parser hands out bytes for a string field that is no UTF-8: none may get into a value."""
    for path, field in strings(kind_type(kind)):
        data = bad(kind, path, field)
        try:
            content = parse(Message.FromString(data), key=THEIRS, me=ME).content
        except (RemoteProtocolError, DecodeError):
            continue
        assert "b'\\xff\\xfe'" not in repr(content), (path, field.name)
