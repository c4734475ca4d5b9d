"""BWC-13: a 6xx speaks for the person, and ends all attempts."""

from border import equal
from sip import failure


def final(s, status, then):
    s.shipped("carrier", "out", "bandwidth-lcr.conf")
    s.more_carriers(peers=[6], then=True)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    others = s.carrier(last=5), s.carrier(last=6)
    call = pbx.invite(s.uri())
    if then:
        s.refused_by(carrier, 503)
        carrier, others = others[1], others[:1]
    s.refused_by(carrier, status)
    equal(call.expect(failure).status, status, "status")
    for other in others:
        other.silent(0.2)
    s.must("RTE-STOP-6XX", before=str(status))
    s.must_not("RTE-EXHAUSTED")


def test_declined(s):
    """603: the second carrier sees nothing"""
    final(s, 603, False)
    s.must("RSP-603", trunk="carrier")
    s.must_not("RTE-ADVANCED")


def test_unwanted(s):
    """607 likewise (BWC-15)"""
    final(s, 607, False)
    s.must("RSP-607")


def test_rejected(s):
    """608 likewise (BWC-16)"""
    final(s, 608, False)
    s.must("RSP-608")


def test_behind_an_advance(s):
    """also of the second target"""
    final(s, 603, True)
    s.must("RTE-ADVANCED")


def test_stop(s):
    """stop ends it for another status, and follows no redirection"""
    s.policy("carrier", "out", {"responses": [
        {"status": "3xx", "diagnostic": "RSP-OTHER", "then": "stop"},
        {"status": [480, 503], "diagnostic": "RTE-CALLEE-REFUSED",
         "then": "stop"}]})
    s.trunk("carrier")["redirect"] = "follow"
    s.more_carriers(peers=[6], then=True)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    others = s.carrier(last=5), s.carrier(last=6)
    for status, shown in ((480, 480), (503, 503), (302, 480)):
        call = pbx.invite(s.uri())
        s.refused_by(carrier, status,
                     fields=[("Contact", f"<sip:+442079460201@{s.ip(3)}>")])
        equal(call.expect(failure).status, shown, "status")
    for other in (carrier, *others):
        other.silent(0.2)
    s.must("RTE-CALLEE-REFUSED", before="503 Service Unavailable")
    s.must_not("RTE-ADVANCED", "RTE-REDIRECTED", "RTE-STOP-6XX")
