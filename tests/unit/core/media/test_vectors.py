"""Against Baileys: keys, files and requests to upload again."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from motte.core.crypto.aead import gcm_decrypt
from motte.core.crypto.kdf import hkdf
from motte.core.media import retry
from motte.core.media.cipher import Decryptor, Digests, Encryptor
from motte.core.media.keys import MediaKeys
from motte.core.media.kinds import MediaKind
from motte.core.media.retry import SealedRetry
from motte.core.stanza import receipt
from motte.errors import MediaUnavailable
from motte.model.jid import Jid
from motte.model.key import MessageKey
from motte.model.me import Me
from motte.proto.media_retry_pb2 import ServerErrorReceipt

VECTORS: Any = json.loads((Path(__file__).parents[3] / "vectors" / "media.json").read_text())
KEY = b64decode(VECTORS["media_key"])
RETRY = VECTORS["retry"]
ALIASES = {"ptt": "audio", "gif": "video", "ptv": "video", "product": "image"}
"""Baileys' kinds that are another kind here."""


@pytest.mark.parametrize("name", VECTORS["keys"])
def test_keys(name: str) -> None:
    keys = MediaKeys.derive(KEY, MediaKind(ALIASES.get(name, name)))
    expected = {part: b64decode(value) for part, value in VECTORS["keys"][name].items()}
    assert {"iv": keys.iv, "cipher": keys.cipher, "mac": keys.mac} == expected


@pytest.mark.parametrize("case", VECTORS["files"], ids=lambda case: f"{case['kind']}-{case['size']}")
def test_files(case: dict[str, Any]) -> None:
    plain, encrypted = b64decode(case["plain"]), b64decode(case["encrypted"])
    keys = MediaKeys.derive(b64decode(case["media_key"]), MediaKind(case["kind"]))
    expected = Digests(
        size=case["size"],
        file_sha256=b64decode(case["file_sha256"]),
        enc_sha256=b64decode(case["enc_sha256"]),
    )
    writer, reader = Encryptor(keys), Decryptor(keys, expected)
    writer.digest(plain)
    assert bytes(writer.update(plain)) + writer.finish() == encrypted
    assert writer.digests() == expected
    reader.digest(encrypted)
    assert bytes(reader.update(encrypted)) + reader.finish() == plain


def test_the_request_to_upload_again() -> None:
    request, message_id = RETRY["request"], RETRY["id"]
    retry_key = hkdf(KEY, 32, info=b"WhatsApp Media Retry Notification")
    theirs = gcm_decrypt(retry_key, b64decode(request["iv"]), b64decode(request["ciphertext"]), message_id.encode())
    ours = retry.request(message_id, KEY, lambda size: b64decode(request["iv"])[:size])
    assert ServerErrorReceipt.FromString(theirs).stanzaId == message_id
    assert ours.ciphertext == b64decode(request["ciphertext"])
    chat = Jid.parse(request["rmr"]["jid"])
    node = receipt.server_error(
        MessageKey(chat=chat, id=message_id, sender=chat, from_me=False),
        Me(pn=Jid.parse("15550100001:3@s.whatsapp.net")),
        ours.ciphertext,
        ours.iv,
    )
    rmr = node.child("rmr")
    assert rmr is not None
    assert dict(node.attrs) == request["attrs"]
    assert dict(rmr.attrs) == {name: value for name, value in request["rmr"].items() if value is not None}


@pytest.mark.parametrize("case", RETRY["answers"], ids=lambda case: str(case["result"]))
def test_the_phones_answer(case: dict[str, Any]) -> None:
    sealed = SealedRetry(b64decode(case["ciphertext"]), b64decode(case["iv"]))
    if case["path"] is not None:
        assert retry.read(sealed, RETRY["id"], KEY) == case["path"]
        return
    with pytest.raises(MediaUnavailable):
        retry.read(sealed, RETRY["id"], KEY)
