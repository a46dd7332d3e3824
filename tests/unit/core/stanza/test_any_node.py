"""Whatever the server sends, a stanza gives a value: nodes made of the protocol's own words, put together at random."""

from hypothesis import given, settings
from hypothesis import strategies as st

from motte.core.binary.node import Node
from motte.core.stanza.ack import ack
from motte.core.stanza.blocklist import GetBlocklist
from motte.core.stanza.business import GetBots, GetBusinessProfile
from motte.core.stanza.dispatch import Malformed, read
from motte.core.stanza.iq import Iq
from motte.core.stanza.links import ResolveLink
from motte.core.stanza.mediaconn import GetMediaConnection
from motte.core.stanza.message import IncomingMessage
from motte.core.stanza.pairing_code import CompanionHello
from motte.core.stanza.prekeys import CountPreKeys, FetchBundles, GetKeyDigest
from motte.core.stanza.privacy import GetExceptions, GetPrivacySettings
from motte.core.stanza.props import GetProps
from motte.core.stanza.receipt import delivery
from motte.core.stanza.usync import Protocol, Usync
from motte.errors import RemoteProtocolError, ServerError
from motte.model.privacy import PrivacyCategory
from tests.unit.core.stanza.wire import ME


def words(text: str) -> list[str]:
    return text.split()


STANZAS = words("success ib iq message receipt ack notification presence chatstate call")
TAGS = words(
    """
    enc plaintext unavailable device-identity meta verified_name pair-device pair-success ref device platform biz
    count identity add remove update key-index-list device-list devices link_code_companion_reg
    link_code_pairing_ref primary_identity_pub blocklist item set delete collection disappearing_mode offline
    offline_preview edge_routing routing_info dirty retry registration keys key skey id value signature type list
    participants user composing paused offer terminate usync result lid contact status error digest hash
    media_conn host props prop privacy category business_profile profile business_hours business_hours_config
    website bot section qr message business verified_name
    """
)
ATTRS = words(
    """
    id from to participant recipient type t offline jid lid class error phash category edit notify server_id count
    v key-index is_hosted ts value action call-id call-creator group-jid media last code text key val duration
    name xmlns sender_lid sender_pn participant_pn peer_recipient_lid addressing_mode hostname auth ttl
    config_code config_value dhash day_of_week mode open_time persona_id
    """
)
VALUES = st.sampled_from(
    [
        "", "0", "1", "3", "99", "-1", "1700000000", "9" * 25, "x", "true", "deny", "block", "audio", "in", "lid", "pn",
        "msg", "pkmsg", "skmsg", "retry", "read", "result", "get", "devices", "encrypt", "account_sync", "server_sync",
        "picture", "status", "link_code_companion_reg", "contacts", "business", "mex", "disappearing_mode",
        "passkey_prologue_request", "crsc_continuation", "companion_reg_refresh", "privacy_token", "refresh_code",
        "15550100001@s.whatsapp.net", "15550100001:4@s.whatsapp.net",
        "15550100002:4@s.whatsapp.net", "100000000000001:3@lid", "100000000000002@lid", "120363000000000001@g.us",
        "status@broadcast", "120363000000000002@newsletter", "s.whatsapp.net", "@s.whatsapp.net", "1:99@hosted", "a@b",
    ]
)  # fmt: skip
ATTRIBUTES = st.dictionaries(st.sampled_from(ATTRS), VALUES, max_size=6)
DATA = st.one_of(
    st.none(),
    st.binary(max_size=8),
    st.sampled_from([b"\5", bytes(3), bytes(4), bytes(20), bytes(32), bytes(64), bytes(80)]),
)
LEAVES = st.builds(Node, st.sampled_from(TAGS), ATTRIBUTES, st.one_of(DATA, st.sampled_from(["token", "é"])))
NODES = st.recursive(
    LEAVES,
    lambda inner: st.builds(Node, st.sampled_from(TAGS), ATTRIBUTES, st.lists(inner, max_size=4).map(tuple)),
    max_leaves=12,
)
TOPS = st.builds(Node, st.sampled_from(STANZAS), ATTRIBUTES, st.lists(NODES, max_size=4).map(tuple))
REQUESTS: list[Iq[object]] = [
    CountPreKeys(),  # type: ignore[list-item]
    GetKeyDigest(),  # type: ignore[list-item]
    FetchBundles(()),  # type: ignore[list-item]
    GetBlocklist(),  # type: ignore[list-item]
    GetMediaConnection(),  # type: ignore[list-item]
    GetPrivacySettings(),  # type: ignore[list-item]
    GetExceptions(PrivacyCategory.LAST_SEEN),  # type: ignore[list-item]
    GetBusinessProfile(ME.pn),  # type: ignore[list-item]
    GetBots(),  # type: ignore[list-item]
    ResolveLink("x"),  # type: ignore[list-item]
    GetProps(),  # type: ignore[list-item]
    Usync(sid="1", protocols=tuple(Protocol)),  # type: ignore[list-item]
    CompanionHello(jid=ME.pn, wrapped_ephemeral=b"", server_auth_key=b"", platform_id="1", platform_display="x"),  # type: ignore[list-item]
]


@settings(max_examples=200)
@given(TOPS)
def test_a_stanza_gives_a_value_that_can_be_answered(node: Node) -> None:
    value = read(node, ME)
    if isinstance(value, Malformed) and value.header is not None:
        ack(value.header, ME, 487)
    if isinstance(value, IncomingMessage):
        delivery(value, active=True)


@settings(max_examples=100)
@given(st.sampled_from(REQUESTS), st.lists(NODES, max_size=3).map(tuple))
def test_an_answer_gives_a_value_or_one_of_two_errors(request: Iq[object], body: tuple[Node, ...]) -> None:
    try:
        request.parse(Node("iq", {"type": "result"}, body))
    except (ServerError, RemoteProtocolError) as error:
        assert str(error)
