"""The ClientPayload inside the last handshake message: who logs in, or which keys register.

    login         username and device of the account, passive until the client says `<active/>`, pull the offline queue
    registration  the companion's keys and its DeviceProps (name in the phone's list, how much history it wants)

Numbers in the registration data are big-endian bytes: registration id 4, signed prekey id 3.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from motte.core.crypto.curve import DJB_TYPE
from motte.core.signal.keys import SignedPreKey
from motte.errors import LocalProtocolError
from motte.model.jid import PN, Jid
from motte.proto.client_payload_pb2 import ClientPayload
from motte.proto.device_props_pb2 import DeviceProps

STORAGE_QUOTA_MB: Final = 10240
_OS_VERSION: Final = "0.1"
_DEVICE: Final = "Desktop"
_NO_NETWORK: Final = "000"
_UserAgent = ClientPayload.UserAgent
_WebInfo = ClientPayload.WebInfo
_PLATFORM_TYPES: Final = {name: value for name, value in DeviceProps.PlatformType.items() if value}
_DESKTOP_PLATFORMS: Final = {"Mac OS": _WebInfo.DARWIN, "Windows": _WebInfo.WIN32}


@dataclass(frozen=True, slots=True, order=True)
class ClientVersion:
    """A version of WhatsApp Web, such as 2.3000.1043857760. The server refuses one that is too old with 405."""

    primary: int = 2
    secondary: int = 3000
    tertiary: int = 1043857760

    @classmethod
    def parse(cls, text: str) -> ClientVersion:
        """The version that `text` spells.

        Raises:
            LocalProtocolError: not three numbers with dots between them.
        """
        match = re.fullmatch(r"(\d{1,9})\.(\d{1,9})\.(\d{1,10})", text, re.ASCII)
        if match is None or int(match[3]) >> 32:
            raise LocalProtocolError(f"{text[:40]!r} is not a version; write it like {ClientVersion()}")
        return cls(int(match[1]), int(match[2]), int(match[3]))

    def __str__(self) -> str:
        return f"{self.primary}.{self.secondary}.{self.tertiary}"


class WebClient(IntEnum):
    """The browser's number, in QR codes and in pairing by code."""

    UNKNOWN = 0
    CHROME = 1
    EDGE = 2
    FIREFOX = 3
    IE = 4
    OPERA = 5
    SAFARI = 6
    ELECTRON = 7
    UWP = 8
    OTHER = 9


_WEB_CLIENTS: Final = {
    "Chrome": WebClient.CHROME,
    "Edge": WebClient.EDGE,
    "Firefox": WebClient.FIREFOX,
    "IE": WebClient.IE,
    "Opera": WebClient.OPERA,
    "Safari": WebClient.SAFARI,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientInfo:
    """How this client presents itself.

    `os` and `browser` name it in the phone's list of linked devices (`Desktop` is the native app, `Android` a companion
    phone). `country` and `language` are ISO codes. `push_name` is sent along when it is known. At pairing,
    `full_history` asks the phone for everything instead of the last months, `history_days` for no more than so many
    days, and `history_megabytes` says how much room there is for it.
    """

    os: str = "Mac OS"
    browser: str = "Chrome"
    version: ClientVersion = ClientVersion()
    country: str = "US"
    language: str = "en"
    push_name: str | None = None
    full_history: bool = True
    history_days: int | None = None
    history_megabytes: int = STORAGE_QUOTA_MB

    @property
    def android(self) -> bool:
        """Whether the client presents itself as an Android companion rather than as a browser."""
        return "android" in self.browser.lower()

    @property
    def web_client(self) -> WebClient:
        """The number of its browser."""
        if self.browser == _DEVICE:
            return WebClient.UWP if self.os == "Windows" else WebClient.ELECTRON
        return _WEB_CLIENTS.get(self.browser, WebClient.OTHER)

    @property
    def display_name(self) -> str:
        """As the phone shows it while a code is entered: `Chrome (Mac OS)`."""
        return f"{self.browser} ({self.os})"


def login_payload(client: ClientInfo, account: Jid) -> bytes:
    """The ClientPayload of a linked device; `account` is its PN with the device number.

    Raises:
        LocalProtocolError: `account` is not a PN.
    """
    if account.server != PN or not account.user.isdecimal():
        raise LocalProtocolError("a login needs the phone number JID of the account")
    payload = _payload(client)
    payload.username = int(account.user)
    payload.device = account.device
    payload.passive = True
    payload.pull = True
    payload.lidDbMigrated = False
    return payload.SerializeToString()


def registration_payload(
    client: ClientInfo, *, registration_id: int, identity: bytes, signed_prekey: SignedPreKey
) -> bytes:
    """The ClientPayload of a device that wants to be linked; `identity` is its 32-byte public key."""
    payload = _payload(client)
    payload.passive = False
    payload.pull = False
    keys = payload.devicePairingData
    keys.eRegid = registration_id.to_bytes(4, "big")
    keys.eKeytype = DJB_TYPE
    keys.eIdent = identity
    keys.eSkeyId = signed_prekey.id.to_bytes(3, "big")
    keys.eSkeyVal = signed_prekey.pair.public
    keys.eSkeySig = signed_prekey.signature
    # MD5 is what the server expects here: a fingerprint of the version text, no secret depends on it.
    keys.buildHash = hashlib.md5(str(client.version).encode(), usedforsecurity=False).digest()
    keys.deviceProps = device_props(client).SerializeToString()
    return payload.SerializeToString()


def device_props(client: ClientInfo) -> DeviceProps:
    """How the companion describes itself to the phone that links it."""
    return DeviceProps(
        os=client.os,
        # A fixed version: the phone does not show it, and every companion sends this one.
        version=DeviceProps.AppVersion(primary=10, secondary=15, tertiary=7),
        platformType=_platform_type(client),
        requireFullSync=client.full_history,
        historySyncConfig=DeviceProps.HistorySyncConfig(
            fullSyncDaysLimit=client.history_days,
            recentSyncDaysLimit=client.history_days,
            storageQuotaMb=client.history_megabytes,
            inlineInitialPayloadInE2EeMsg=True,
            supportCallLogHistory=False,
            supportBotUserAgentChatHistory=True,
            supportCagReactionsAndPolls=True,
            supportBizHostedMsg=True,
            supportRecentSyncChunkMessageCountTuning=True,
            supportHostedGroupMsg=True,
            supportFbidBotChatHistory=True,
            supportMessageAssociation=True,
            supportGroupHistory=False,
        ),
    )


def _payload(client: ClientInfo) -> ClientPayload:
    version = client.version
    payload = ClientPayload(
        userAgent=_UserAgent(
            platform=_UserAgent.ANDROID if client.android else _UserAgent.WEB,
            appVersion=_UserAgent.AppVersion(
                primary=version.primary, secondary=version.secondary, tertiary=version.tertiary
            ),
            mcc=_NO_NETWORK,
            mnc=_NO_NETWORK,
            osVersion=_OS_VERSION,
            device=_DEVICE,
            osBuildNumber=_OS_VERSION,
            releaseChannel=_UserAgent.RELEASE,
            localeLanguageIso6391=client.language,
            localeCountryIso31661Alpha2=client.country,
        ),
        pushName=client.push_name,
        connectType=ClientPayload.WIFI_UNKNOWN,
        connectReason=ClientPayload.USER_ACTIVATED,
    )
    if not client.android:
        payload.webInfo.webSubPlatform = _web_sub_platform(client)
    return payload


def _web_sub_platform(client: ClientInfo) -> _WebInfo.WebSubPlatform.ValueType:
    """The native app only when it asks for the full history, which is what makes phones send all of it."""
    if client.full_history and client.browser == _DEVICE:
        return _DESKTOP_PLATFORMS.get(client.os, _WebInfo.WEB_BROWSER)
    return _WebInfo.WEB_BROWSER


def _platform_type(client: ClientInfo) -> DeviceProps.PlatformType.ValueType:
    name = client.browser.upper()
    if name == "ANDROID":
        return DeviceProps.ANDROID_PHONE
    return _PLATFORM_TYPES.get(name, DeviceProps.CHROME)
