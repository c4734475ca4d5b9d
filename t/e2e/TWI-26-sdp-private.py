"""TWI-26: a private address in SDP is replaced, and nothing else of it."""

import re

from border import equal
from sip import offer

NUMBER = "+442079460123"
PUBLIC = "198.51.100.7"

BODY = ("v=0\r\no=pbx 3724394400 3724394405 IN IP4 192.168.1.5\r\ns=a  name \r\n"
        "c=IN IP4 192.168.1.5\r\nb=AS:80\r\nt=0 0\r\n"
        "m=audio 10000 RTP/AVP 0 8 101\r\nc=IN IP4 10.0.0.9\r\n"
        "a=rtcp:10001 IN IP4 192.168.1.5\r\n"
        "a=candidate:1 1 UDP 2130706431 192.168.1.5 10000 typ host\r\n"
        "a=rtpmap:101 telephone-event/8000\r\na=x-own:192.168.1.5\r\n"
        "m=video 0 RTP/AVP 31\r\n")


def call(s, body):
    """Offers this; returns the offer that the carrier got."""
    s.trunk("carrier")["media_address"] = PUBLIC
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060", body=body)
    leg = carrier.incoming()
    leg.reply(200, body=offer("203.0.113.5", 41000))
    answer = call.connect()
    carrier.expect("ACK")
    equal(answer.sdp("c"), ["IN IP4 203.0.113.5"], "the carrier's own c line")
    call.request("BYE")
    leg.hung_up()
    pbx.expect((200, "BYE"))
    return leg.invite


def test_replaced(s):
    """c=, o=, a=rtcp carry the public address; ports, order, version stay"""
    invite = call(s, BODY)
    equal(invite.sdp("o"),
          [f"pbx 3724394400 3724394405 IN IP4 {PUBLIC}"], "o line")
    equal(set(invite.sdp("c")), {f"IN IP4 {PUBLIC}"}, "c lines")
    equal(invite.sdp("m"), ["audio 10000 RTP/AVP 0 8 101",
                            "video 0 RTP/AVP 31"], "m lines")
    equal(invite.sdp("s"), ["a  name "], "s line")
    attributes = invite.sdp("a")
    equal([a for a in attributes if a.startswith("rtcp")],
          [f"rtcp:10001 IN IP4 {PUBLIC}"], "a=rtcp")
    equal([a for a in attributes if re.match(r"candidate:.*192\.168", a)], [],
          "candidates with a private address")
    s.must("MED-SDP-PRIVATE", target=re.compile("sdp"))


def test_public_stays(s):
    """an offer with public addresses stays as it is, byte for byte"""
    body = offer("203.0.113.77", 40000)
    invite = call(s, body)
    equal(invite.body, body.encode(), "body")
    s.must_not("MED-SDP-PRIVATE")
