"""BWC-11: a carrier that routes at least cost says 503, and the next one is asked."""

from border import NUMBER, check, equal, matches
from sip import failure, user_of


def begin(s, **options):
    s.shipped("carrier", "out", "bandwidth-lcr.conf")
    s.more_carriers(then=True, **options)
    s.start()
    return s.pbx(), s.carrier(), s.carrier(last=5)


def test_advance(s):
    """the caller sees one call, the trunk stays as it was"""
    pbx, carrier, second = begin(s)
    call = pbx.invite(s.uri())
    first = s.refused_by(carrier, 503)
    leg = second.incoming()
    equal(user_of(leg.invite.uri), NUMBER, "number asked")
    check(first.invite.get("Call-ID") != leg.invite.get("Call-ID"),
          "the second target is asked in a dialog of its own")
    leg.reply(180)
    call.expect(180)
    leg.reply(200, body=b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\n"
              b"c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 41000 RTP/AVP 0\r\n")
    call.connect()
    second.expect("ACK")
    s.down(call, leg)
    carrier.silent(0.1)
    s.must("RTE-ADVANCE-503", target="response", trunk="carrier")
    s.must("RTE-ADVANCED", kind="rewrite", before=f"carrier {s.ip(3)}:5060",
           after=f"second {s.ip(5)}:5060")
    s.must("CALL-ENDED", target="caller-hung-up")
    s.must_not("RSP-503-ABNORMAL", "RTE-EXHAUSTED", "CAP-SLOWED",
               "RSP-RETRY-AFTER")


def test_own_policy(s):
    """the second trunk has its own policy"""
    begin_policy = {"rules": [{"id": "mark", "on": "INVITE",
                               "ensure": "Subject", "value": "second",
                               "diagnostic": "SCRUB-PRIVATE-HDR"}]}
    s.shipped("carrier", "out", "bandwidth-lcr.conf")
    s.more_carriers(then=True)
    s.policy("second", "out", begin_policy)
    s.start()
    pbx, carrier, second = s.pbx(), s.carrier(), s.carrier(last=5)
    call = pbx.invite(s.uri())
    first = s.refused_by(carrier, 503)
    equal(first.invite.has("Subject"), False, "Subject to the first")
    leg = s.refused_by(second, 486)
    equal(leg.invite.get("Subject"), "second", "Subject to the second")
    call.expect(486)
    s.must_not("RTE-STOP-6XX")


def test_exhausted(s):
    """the answer that says the most, when none is left"""
    pbx, carrier, second = begin(s)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503)
    s.refused_by(second, 404, fields=[("Reason", "Q.850;cause=1")])
    answer = call.expect(failure)
    equal(answer.status, 404, "status")
    matches("cause=1", answer.get("Reason"), "Reason")
    s.must("RTE-EXHAUSTED", before="2 targets")


def test_peers_first(s):
    """the other peer of the trunk before the other trunk"""
    s.shipped("carrier", "out", "bandwidth-lcr.conf")
    s.more_carriers(peers=[6], then=True)
    s.start()
    pbx, carrier, twin = s.pbx(), s.carrier(), s.carrier(last=6)
    second = s.carrier(last=5)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503)
    s.refused_by(twin, 503)
    s.refused_by(second, 486)
    call.expect(486)
    s.must("RTE-ADVANCED", after=f"carrier {s.ip(6)}:5060")
    s.must("RTE-ADVANCED", after=f"second {s.ip(5)}:5060")


def test_cancel(s):
    """CANCEL reaches whoever is asked now, and nobody else is"""
    pbx, carrier, second = begin(s)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503)
    leg = second.incoming()
    leg.reply(180)
    call.expect(180)
    s.take_back(call, leg)
    call.expect(487)
    carrier.silent(0.2)
    s.must("CALL-ENDED", target="cancelled")
