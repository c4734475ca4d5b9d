"""EXT-07: a peer that asks to be left alone for a while."""

from border import equal, matches
from sip import Call, failure, offer


CRYPTO = ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 "
          "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n")


def secure(host):
    """What Teams takes."""
    return offer(host).replace("RTP/AVP", "RTP/SAVP") + CRYPTO


def begin(s, peers=(), then=False, policy=None):
    if policy:
        s.shipped("carrier", "out", policy)
    s.more_carriers(peers=peers, then=then)
    s.start()
    return s.pbx(), s.carrier()


def test_next_datacentre(s):
    """the next peer is asked, the first again after the time it said"""
    pbx, carrier = begin(s, [6], policy="teams.conf")
    twin = s.carrier(last=6)
    call = pbx.invite(s.uri(), body=secure(pbx.host))
    s.refused_by(carrier, 503, fields=[("Retry-After", "1")])
    s.refused_by(twin, 486)
    call.expect(486)
    call = pbx.invite(s.uri(), body=secure(pbx.host))
    s.refused_by(twin, 486)
    call.expect(486)

    def first_is_asked():
        again = pbx.invite(s.uri(), body=secure(pbx.host))
        again.expect(100)
        first = carrier.take()
        if first is None:
            s.refused_by(twin, 486)
        else:
            s.refused_by(carrier, 486, leg=Call(carrier, first, True))
        again.expect(486)
        return first is not None
    s.until("the first one is asked again", first_is_asked)
    s.must("RSP-RETRY-AFTER", target="response", trunk="carrier")
    s.must("RSP-RETRY-AFTER", target="Retry-After", before="1",
           after=f"{s.ip(3)}:5060 rests for 1 s")
    s.must("RTE-ADVANCED", after=f"carrier {s.ip(6)}:5060")


def test_alone(s):
    """without another one: 503 with what is left of the time"""
    pbx, carrier = begin(s)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503, fields=[("Retry-After", "100 (moving)")])
    answer = call.expect(failure)
    equal(answer.status, 503, "status")
    call = pbx.invite(s.uri())
    answer = call.expect(failure)
    equal(answer.status, 503, "status")
    matches(r"^(99|100)$", answer.get("Retry-After"), "Retry-After")
    matches("RSP-RETRY-AFTER", answer.get("Warning"), "Warning")
    carrier.silent(0.1)
    shown = s.control("trunks", "carrier")
    matches(rf"{s.ip(3)}:5060 rests for (99|100) s", shown, "cordon trunks")
    matches(r"rests", s.control("trunks"), "cordon trunks")
    s.must("RSP-RETRY-AFTER", target="resting")


def test_bounded(s):
    """no longer than retry_after_max"""
    s.trunk("carrier")["retry_after_max"] = "5s"
    pbx, carrier = begin(s)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503, fields=[("Retry-After", "86400")])
    call.expect(503)
    s.must("RSP-RETRY-AFTER", before="86400",
           after=f"{s.ip(3)}:5060 rests for 5 s")


def test_not_heeded(s):
    """nor at all with 0, and 503 goes on by itself"""
    s.trunk("carrier")["retry_after_max"] = "0s"
    pbx, carrier = begin(s, then=True)
    second = s.carrier(last=5)
    for _ in range(2):
        call = pbx.invite(s.uri())
        s.refused_by(carrier, 503, fields=[("Retry-After", "60")])
        s.refused_by(second, 486)
        call.expect(486)
    s.must("RTE-ADVANCED")
    s.must_not("RSP-RETRY-AFTER")


def test_row_says_relay(s):
    """BWC-12: a row for 503 decides, also that it goes to the caller"""
    s.policy("carrier", "out", {"responses": [
        {"status": 503, "diagnostic": "RSP-503-ABNORMAL", "then": "relay"}]})
    pbx, carrier = begin(s, then=True)
    second = s.carrier(last=5)
    call = pbx.invite(s.uri())
    s.refused_by(carrier, 503, fields=[("Retry-After", "60")])
    equal(call.expect(failure).get("Retry-After"), "60", "Retry-After")
    second.silent(0.2)
    s.must("RSP-503-ABNORMAL", before="503 Service Unavailable")
    s.must_not("RTE-ADVANCED", "RSP-RETRY-AFTER")
