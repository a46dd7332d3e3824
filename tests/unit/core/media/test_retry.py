"""Asking for a file again, and what the phone may answer."""

import pytest

from motte.core.crypto.aead import gcm_encrypt
from motte.core.crypto.kdf import hkdf
from motte.core.media import retry
from motte.core.media.retry import SealedRetry
from motte.errors import MediaError, MediaUnavailable, RemoteProtocolError
from motte.proto.media_retry_pb2 import MediaRetryNotification
from motte.testing.rng import SeededRng

KEY, ID = bytes(range(32)), "3EB0C0FFEE"


def answered(body: bytes, message_id: str = ID) -> SealedRetry:
    key = hkdf(KEY, 32, info=b"WhatsApp Media Retry Notification")
    return SealedRetry(gcm_encrypt(key, bytes(12), body, message_id.encode()), bytes(12))


def test_the_new_path_is_read() -> None:
    answer = MediaRetryNotification(stanzaId=ID, directPath="/v/new", result=MediaRetryNotification.SUCCESS)
    assert retry.read(answered(answer.SerializeToString()), ID, KEY) == "/v/new"


@pytest.mark.parametrize(("result", "reason"), [(0, "general_error"), (2, "not_found"), (3, "decryption_error")])
def test_a_refusal_says_why(result: int, reason: str) -> None:
    answer = MediaRetryNotification(stanzaId=ID, result=MediaRetryNotification.ResultType.ValueType(result))
    with pytest.raises(MediaUnavailable) as caught:
        retry.read(answered(answer.SerializeToString()), ID, KEY)
    assert caught.value.reason == reason
    assert retry.refused(77).reason == "result_77"


def test_an_answer_for_another_message_or_of_nonsense_is_refused() -> None:
    good = MediaRetryNotification(directPath="/v/new", result=MediaRetryNotification.SUCCESS).SerializeToString()
    with pytest.raises(RemoteProtocolError):
        retry.read(answered(good, "3EB0OTHER"), ID, KEY)
    with pytest.raises(MediaError):
        retry.read(answered(b"\xff\xff"), ID, KEY)
    with pytest.raises(MediaError):
        retry.read(answered(MediaRetryNotification(result=1).SerializeToString()), ID, KEY)  # type: ignore[arg-type]


def test_a_request_is_fresh_each_time() -> None:
    rng = SeededRng("retry")
    one, two = retry.request(ID, KEY, rng), retry.request(ID, KEY, rng)
    assert one.iv != two.iv
    assert ID.encode() not in one.ciphertext
