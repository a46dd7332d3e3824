"""Names, numbers, types, labels and enum values agree with the schema inside the pinned npm package."""

from __future__ import annotations

import importlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

import motte.proto

PACKAGE = "motte.wa"
MODULES = Path(os.environ.get("BAILEYS_NM", Path(__file__).parents[2] / "interop/node_modules"))
SCHEMA = MODULES / "baileys/WAProto/WAProto.proto"
SCALARS = re.compile(r"double|float|s?fixed(32|64)|[us]?int(32|64)|bool|string|bytes")

NEWER: dict[str, dict[str, tuple[object, ...]]] = {
    # Newer than the package's schema; from the copy of WhatsApp Web's schema that whatsapp-rust keeps.
    "HistorySync": {"nctSalt": (19, "bytes", "optional", False, None)},
    "SyncActionValue": {"nctSaltSyncAction": (80, "SyncActionValue.NctSaltSyncAction", "optional", False, None)},
    "SyncActionValue.NctSaltSyncAction": {"salt": (1, "bytes", "optional", False, None)},
    # From whatsmeow's copy: the answer of a phone that is asked for a collection.
    "SyncdSnapshotRecovery": {
        "version": (1, "SyncdVersion", "optional", False, None),
        "collectionName": (2, "string", "optional", False, None),
        "mutationRecords": (3, "SyncdPlainTextRecord", "repeated", False, None),
        "collectionLthash": (4, "bytes", "optional", False, None),
    },
    "SyncdPlainTextRecord": {
        "value": (1, "SyncActionData", "optional", False, None),
        "keyID": (2, "bytes", "optional", False, None),
        "mac": (3, "bytes", "optional", False, None),
    },
}

Fields = dict[str, tuple[object, ...]]
"""By name: number, type, label, whether packed, the oneof it is in. Of an enum: the value alone."""
Schema = dict[str, Fields]


# ---- our schema, from the descriptors ----


def ours() -> Schema:
    schema: Schema = {}
    for path in Path(motte.proto.__path__[0]).glob("*.proto"):
        file = importlib.import_module(f"motte.proto.{path.stem}_pb2").DESCRIPTOR
        if file.package != PACKAGE:
            continue
        for enum in file.enum_types_by_name.values():
            _enum(schema, enum)
        for message in file.message_types_by_name.values():
            _message(schema, message)
    return schema


def _name(descriptor: Descriptor | EnumDescriptor) -> str:
    return descriptor.full_name.removeprefix(PACKAGE + ".")


def _enum(schema: Schema, enum: EnumDescriptor) -> None:
    schema[_name(enum)] = {value.name: (value.number,) for value in enum.values}


def _message(schema: Schema, message: Descriptor) -> None:
    schema[_name(message)] = {field.name: _field(field) for field in message.fields}
    for enum in message.enum_types:
        _enum(schema, enum)
    for nested in message.nested_types:
        if not nested.GetOptions().map_entry:
            _message(schema, nested)


def _field(field: FieldDescriptor) -> tuple[object, ...]:
    label = "repeated" if field.is_repeated else "required" if field.is_required else "optional"
    oneof = field.containing_oneof.name if field.containing_oneof else None
    entry = field.message_type
    if entry is not None and entry.GetOptions().map_entry:
        kinds = (_type(entry.fields_by_name["key"]), _type(entry.fields_by_name["value"]))
        return (field.number, kinds, label, False, oneof)
    return (field.number, _type(field), label, field.GetOptions().packed, oneof)


def _type(field: FieldDescriptor) -> str:
    composite = field.message_type or field.enum_type
    if composite is not None:
        return _name(composite)
    names = {value: name for name, value in vars(FieldDescriptor).items() if name.startswith("TYPE_")}
    return names[field.type].removeprefix("TYPE_").lower()


# ---- theirs, from the text ----


def theirs(text: str) -> Schema:
    tokens = iter(re.findall(r'"[^"]*"|[\w.]+|[{}=;,<>\[\]-]', re.sub(r"//.*", "", text)))
    raw: dict[str, dict[str, Any]] = {}
    for token in tokens:
        if token in ("syntax", "package"):
            _until(tokens, ";")
        else:
            _read(raw, token, (), tokens)
    return {
        name: {field: _resolved(raw, name, value) for field, value in fields.items()} for name, fields in raw.items()
    }


def _until(tokens: Iterator[str], end: str) -> list[str]:
    return list(iter(tokens.__next__, end))


def _read(raw: dict[str, dict[str, Any]], kind: str, scope: tuple[str, ...], tokens: Iterator[str]) -> None:
    """One message or enum whose keyword was read, and what is inside."""
    path = (*scope, next(tokens))
    assert next(tokens) == "{"
    fields = raw.setdefault(".".join(path), {})
    oneof: str | None = None
    for token in tokens:
        if token == "}":
            if oneof is None:
                return
            oneof = None
        elif kind == "enum":
            fields[token] = (int("".join(_until(tokens, ";")[1:])),)
        elif token in ("message", "enum"):
            _read(raw, token, path, tokens)
        elif token == "oneof":
            oneof = next(tokens)
            assert next(tokens) == "{"
        else:
            name, value = _field_text([token, *_until(tokens, ";")], oneof)
            fields[name] = value


def _field_text(words: list[str], oneof: str | None) -> tuple[str, tuple[object, ...]]:
    packed = "packed" in words
    if words[0] == "map":  # map < key , value > name = number
        return words[6], (int(words[8]), (words[2], words[4]), "repeated", packed, oneof)
    label = words.pop(0) if words[0] in ("optional", "repeated", "required") else "optional"
    return words[1], (int(words[3]), words[0], label, packed, oneof)


def _resolved(raw: dict[str, dict[str, Any]], scope: str, value: Any) -> tuple[object, ...]:
    if len(value) == 1:
        return tuple(value)
    number, kind, *rest = value
    full = tuple(_lookup(raw, scope, one) for one in kind) if isinstance(kind, tuple) else _lookup(raw, scope, kind)
    return (number, full, *rest)


def _lookup(raw: dict[str, dict[str, Any]], scope: str, name: str) -> str:
    """The full name of a type as protobuf finds it: from the innermost scope outwards."""
    if SCALARS.fullmatch(name):
        return name
    parts = scope.split(".")
    for depth in range(len(parts), -1, -1):
        candidate = ".".join((*parts[:depth], name))
        if candidate in raw:
            return candidate
    raise AssertionError(f"{scope} uses the unknown type {name}")


@pytest.mark.skipif(not SCHEMA.exists(), reason="needs the npm packages of tests/interop: the pinned Baileys' schema")
def test_every_message_field_and_enum_agrees() -> None:
    want, have = theirs(SCHEMA.read_text()), ours()
    assert len(want) > 600
    for name, fields in NEWER.items():
        assert not want.get(name, {}).keys() & fields.keys()  # else it is not newer any more
        want[name] = want.get(name, {}) | fields
    assert have.keys() == want.keys()
    assert {name: fields for name, fields in have.items() if fields != want[name]} == {}


def test_the_text_parser_sees_every_difference() -> None:
    text = """
        syntax = "proto3"; package p;
        message A { optional B b = 1; repeated uint32 n = 2 [packed=true]; string bare = 3; enum B { X = 1; Y = -2; }
          oneof o { A a = 4; bytes raw = 5; } map<uint32, C> m = 6; message C {} }
    """
    assert theirs(text) == {
        "A": {
            "b": (1, "A.B", "optional", False, None),
            "n": (2, "uint32", "repeated", True, None),
            "bare": (3, "string", "optional", False, None),
            "a": (4, "A", "optional", False, "o"),
            "raw": (5, "bytes", "optional", False, "o"),
            "m": (6, ("uint32", "A.C"), "repeated", False, None),
        },
        "A.B": {"X": (1,), "Y": (-2,)},
        "A.C": {},
    }


def test_every_top_level_message_and_enum_has_a_comment() -> None:
    undocumented = []
    for path in sorted(Path(motte.proto.__path__[0]).glob("*.proto")):
        text = path.read_text()
        if f"package {PACKAGE};" in text:
            undocumented += [
                f"{path.name}: {line}"
                for before, line in itertools.pairwise(text.splitlines())
                if re.match(r"(message|enum) ", line) and not before.startswith("//")
            ]
    assert undocumented == []
