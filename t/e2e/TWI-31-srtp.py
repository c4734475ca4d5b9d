"""TWI-31, 32207: one side wants encrypted media, and the other has none."""

from border import equal, matches
from sip import failure

KEY = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
CRYPTO = f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}\r\n"


def sdp(host, profile, *more, version=1):
    return (f"v=0\r\no=- 1 {version} IN IP4 {host}\r\ns=-\r\n"
            f"c=IN IP4 {host}\r\nt=0 0\r\nm=audio 40000 {profile} 0\r\n"
            + "".join(more)).encode()


def begin(s, srtp):
    s.policy("carrier", "out", {"media": {"srtp": srtp}})
    s.start()
    return s.pbx(), s.carrier()


def refused(s, pbx, carrier, body):
    call = pbx.invite(s.uri(), body=body)
    answer = call.expect(failure)
    equal(answer.status, 488, "status")
    matches("399 .*MED-SRTP", answer.get("Warning"), "Warning")
    carrier.silent(0.2)


def goes_on(s, pbx, carrier, body):
    call = pbx.invite(s.uri(), body=body)
    leg = carrier.incoming()
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    return leg.invite


def test_required(s):
    """a plain offer is refused before the carrier hears of it"""
    pbx, carrier = begin(s, "required")
    refused(s, pbx, carrier, sdp(pbx.host, "RTP/AVP"))
    s.must("MED-SRTP", kind="diagnosis", target="sdp.m",
           before="m=audio 40000 RTP/AVP 0")
    s.must("MED-SRTP", target="response", before="488 Not Acceptable Here")


def test_without_key(s):
    """nor does one go on that says SRTP without a key"""
    pbx, carrier = begin(s, "required")
    refused(s, pbx, carrier, sdp(pbx.host, "RTP/SAVP"))


def test_suits(s):
    """what suits goes on as it is"""
    pbx, carrier = begin(s, "required")
    body = sdp(pbx.host, "RTP/SAVP", CRYPTO)
    equal(goes_on(s, pbx, carrier, body).body, body, "body")
    s.must_not("MED-SRTP")


def test_off(s):
    """SRTP toward a trunk that has none"""
    pbx, carrier = begin(s, "off")
    refused(s, pbx, carrier, sdp(pbx.host, "RTP/SAVP", CRYPTO))
    body = sdp(pbx.host, "RTP/AVP")
    equal(goes_on(s, pbx, carrier, body).body, body, "body")


def test_spare_key(s):
    """a key beside plain RTP is taken away, and in no journal"""
    pbx, carrier = begin(s, "off")
    invite = goes_on(s, pbx, carrier, sdp(pbx.host, "RTP/AVP", CRYPTO))
    equal(b"crypto" in invite.body, False, "crypto in the body")
    s.must("MED-SRTP", kind="rewrite", target="sdp.media[0].crypto")
    s.expect_entry("MED-SRTP")
    equal(KEY in s.read("journal"), False, "the key in the journal")


def test_inside(s):
    """inside a call it is only told"""
    pbx, carrier = begin(s, "required")
    call = pbx.invite(s.uri(), body=sdp(pbx.host, "RTP/SAVP", CRYPTO))
    leg = carrier.incoming()
    leg.reply(200, body=sdp(carrier.host, "RTP/SAVP", CRYPTO))
    call.connect()
    carrier.expect("ACK")
    call.request("INVITE", body=sdp(pbx.host, "RTP/AVP", version=2))
    again = carrier.expect("INVITE")
    matches("RTP/AVP", again.body.decode(), "body")
    leg.reply(200, request=again,
              body=sdp(carrier.host, "RTP/AVP", version=2))
    pbx.expect((200, "INVITE"))
    call.ack()
    carrier.expect("ACK")
    s.down(call, leg)
    s.must("MED-SRTP", kind="diagnosis", before="m=audio 40000 RTP/AVP 0")
    s.must("CALL-ENDED", target="caller-hung-up")


def test_as_received(s):
    """without a word of the policy nothing is looked at"""
    pbx, carrier = begin(s, "as-received")
    for profile in ("RTP/AVP", "RTP/SAVP"):
        body = sdp(pbx.host, profile)
        equal(goes_on(s, pbx, carrier, body).body, body, "body")
    s.must_not("MED-SRTP")
