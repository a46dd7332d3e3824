"""ClientPayloads equal Baileys' byte for byte (both write fields in the order of their numbers)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from motte.core.crypto.curve import KeyPair
from motte.core.session.payload import (
    ClientInfo,
    ClientVersion,
    WebClient,
    device_props,
    login_payload,
    registration_payload,
)
from motte.core.signal.keys import SignedPreKey
from motte.errors import LocalProtocolError
from motte.model.jid import Jid
from motte.proto.client_payload_pb2 import ClientPayload

VECTORS = json.loads((Path(__file__).parents[3] / "vectors/payload.json").read_text())
CASES = VECTORS["cases"]


def client(case: dict[str, Any]) -> ClientInfo:
    os, browser, _ = case["browser"]
    return ClientInfo(
        os=os,
        browser=browser,
        version=ClientVersion.parse(case["version"]),
        country=case["countryCode"],
        push_name=case.get("pushName"),
        full_history=case["syncFullHistory"],
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case["browser"][:2]))
def test_login_equals_baileys(case: dict[str, Any]) -> None:
    assert login_payload(client(case), Jid.parse(VECTORS["jid"])).hex() == case["login"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case["browser"][:2]))
def test_registration_equals_baileys(case: dict[str, Any]) -> None:
    key = VECTORS["signedPreKey"]
    pair = KeyPair(bytes.fromhex(key["public"]), bytes.fromhex(key["private"]))
    payload = registration_payload(
        client(case),
        registration_id=VECTORS["registrationId"],
        identity=bytes.fromhex(VECTORS["identity"]),
        signed_prekey=SignedPreKey(key["id"], pair, bytes.fromhex(key["signature"])),
    )
    assert payload.hex() == case["registration"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case["browser"][:2]))
def test_device_props_and_the_browser_number_equal_baileys(case: dict[str, Any]) -> None:
    assert device_props(client(case)).SerializeToString().hex() == case["deviceProps"]
    assert client(case).web_client == case["webClient"]


def test_a_login_names_no_keys_and_a_language_of_its_own() -> None:
    payload = ClientPayload.FromString(
        login_payload(ClientInfo(language="pt"), Jid.parse("15550100001:2@s.whatsapp.net"))
    )
    assert not payload.HasField("devicePairingData") and not payload.HasField("pushName")
    assert payload.username == 15550100001 and payload.device == 2
    assert payload.userAgent.localeLanguageIso6391 == "pt"


@pytest.mark.parametrize("jid", ["100000000000001:2@lid", "s.whatsapp.net", "a1:2@s.whatsapp.net"])
def test_only_a_phone_number_logs_in(jid: str) -> None:
    with pytest.raises(LocalProtocolError, match="phone number"):
        login_payload(ClientInfo(), Jid.parse(jid))


@pytest.mark.parametrize("text", ["", "2.3000", "2.3000.x", "2.3000.1.1", "-2.3000.1", "2.3000.4294967296", "²2.1.1"])
def test_a_bad_version_is_the_callers_mistake(text: str) -> None:
    with pytest.raises(LocalProtocolError, match="not a version"):
        ClientVersion.parse(text)


def test_versions_compare_by_number_and_print_as_they_parse() -> None:
    assert ClientVersion.parse("2.3000.9") < ClientVersion.parse("2.3000.10")
    assert str(ClientVersion.parse("2.3000.1043857760")) == "2.3000.1043857760"


def test_names_on_the_phone() -> None:
    assert ClientInfo().display_name == "Chrome (Mac OS)"
    assert ClientInfo(os="Mac OS", browser="Desktop").web_client is WebClient.ELECTRON
    assert ClientInfo(os="Windows", browser="Desktop").web_client is WebClient.UWP


def test_how_much_history_is_asked_for() -> None:
    config = device_props(ClientInfo(full_history=False, history_days=30, history_megabytes=500)).historySyncConfig
    assert (config.fullSyncDaysLimit, config.recentSyncDaysLimit, config.storageQuotaMb) == (30, 30, 500)
    assert not device_props(ClientInfo()).historySyncConfig.HasField("recentSyncDaysLimit")
