"""EXT-06: a carrier that gives up without a 180 gets one while the PBX thinks."""

from border import check, equal
from sip import offer

AFTER = "700ms"


def inbound(s, **trunk):
    s.trunk("carrier").update(trunk)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:+442079460123@{s.ip(4)}:5060")
    return pbx, carrier, call, pbx.incoming()


def connect(pbx, carrier, call, leg):
    leg.reply(200, body=offer(pbx.host, 41000))
    call.connect()
    pbx.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))


def test_the_pbx_thinks(s):
    """the PBX says nothing: 180 comes from here, its own one still passes"""
    pbx, carrier, call, leg = inbound(s, ringing_after=AFTER)
    leg.reply(100)
    ringing = carrier.expect(180)
    check(not ringing.body, "our 180 has a body")
    leg.reply(183, body=offer(s.ip(2), 41000))
    check(carrier.expect(183).body, "the 183 of the PBX has lost its SDP")
    connect(pbx, carrier, call, leg)
    s.must("TEL-180-TIMER", leg="caller", after="180 Ringing")
    s.must_not("DLG-FORKED-18x", "DLG-RINGING")


def test_the_pbx_rings(s):
    """the PBX rings in time: nothing comes from here"""
    pbx, carrier, call, leg = inbound(s, ringing_after=AFTER)
    leg.reply(180)
    carrier.expect(180)
    carrier.silent(1.0)
    connect(pbx, carrier, call, leg)
    s.must_not("TEL-180-TIMER")


def test_off(s):
    """without the option a silent PBX stays silent"""
    pbx, carrier, call, leg = inbound(s)
    leg.reply(100)
    carrier.silent(1.0, but=(100,))
    connect(pbx, carrier, call, leg)
    s.must_not("TEL-180-TIMER")


def test_180_only(s):
    """a carrier that wants 180 gets it for a 183 without SDP, and only for that"""
    pbx, carrier, call, leg = inbound(s, ringing="180")
    leg.reply(183)
    carrier.expect(180)
    leg.reply(183, body=offer(s.ip(2), 41000))
    equal(len(carrier.expect(183).sdp("m")), 1, "m-lines of the 183")
    connect(pbx, carrier, call, leg)
    s.must("DLG-RINGING", before="183", after="180")


def test_183_only(s):
    """a carrier that wants 183 gets it for a 180"""
    pbx, carrier, call, leg = inbound(s, ringing="183")
    leg.reply(180)
    carrier.expect(183)
    connect(pbx, carrier, call, leg)
    s.must("DLG-RINGING", before="180", after="183")
