"""BWC-09: a peer that does not answer, or cannot be reached."""

from border import equal
from sip import failure, offer


def begin(s, silence="300ms"):
    s.trunk("carrier")["silence"] = silence
    s.more_carriers(then=True)
    s.start()
    return s.pbx(), s.carrier(), s.carrier(last=5)


def up(call, leg, second):
    leg.reply(200, body=offer(second.host, 41000))
    call.connect()
    second.expect("ACK")


def test_silent(s):
    """not even 100: the next target is asked, and the late answer hung up"""
    pbx, carrier, second = begin(s)
    call = pbx.invite(s.uri())
    late = carrier.incoming()
    leg = second.incoming()
    up(call, leg, second)
    late.reply(200, body=offer(carrier.host, 42000))
    carrier.expect("ACK")
    carrier.reply(carrier.expect("BYE"), 200)
    s.down(call, leg)
    s.must("NET-NO-REPLY", trunk="carrier")
    s.must("RTE-ADVANCED", after=f"second {s.ip(5)}:5060")
    s.must("CALL-ENDED", target="caller-hung-up")


def test_rings_late(s):
    """what rings too late is cancelled"""
    pbx, carrier, second = begin(s)
    call = pbx.invite(s.uri())
    late = carrier.incoming()
    leg = second.incoming()
    up(call, leg, second)
    late.reply(180)
    late.cancelled()
    s.down(call, leg)


def test_trying(s):
    """100 is an answer"""
    pbx, carrier, second = begin(s)
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    leg.reply(100)
    second.silent(0.8)
    up(call, leg, carrier)
    s.down(call, leg)
    s.must_not("RTE-ADVANCED", "NET-NO-REPLY")


def test_closed_port(s):
    """ICMP says that nobody is there"""
    s.more_carriers(then=True)
    s.start()
    pbx, second = s.pbx(), s.carrier(last=5)
    call = pbx.invite(s.uri())
    leg = second.incoming()
    up(call, leg, second)
    s.down(call, leg)
    s.must("RTE-ADVANCED", after=f"second {s.ip(5)}:5060")


def test_408(s):
    """a 408 of the carrier goes on where its policy says so, and only there"""
    s.shipped("carrier", "out", "telnyx.conf")
    s.more_carriers(then=True)
    s.start()
    pbx, carrier, second = s.pbx(), s.carrier(), s.carrier(last=5)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 408)
    s.refused_by(second, 408)
    equal(call.expect(failure).status, 408, "status")
    s.must("RSP-408", trunk="carrier")
    s.must("RTE-ADVANCED")


def test_relayed(s):
    """ACS-06, BWC-10: 403, 404, 408 and 500 go to the caller without a row"""
    s.more_carriers(then=True)
    s.start()
    pbx, carrier, second = s.pbx(), s.carrier(), s.carrier(last=5)
    for status in (403, 404, 408, 500):
        call = pbx.invite(s.uri())
        s.refused_by(carrier, status)
        equal(call.expect(failure).status, status, "status")
    second.silent(0.2)
    s.must_not("RTE-ADVANCED")
