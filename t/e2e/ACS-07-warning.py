"""ACS-07: every failure of our own making says so, with its code."""

import re

from border import check, equal, matches
from sip import failure

WARNING = re.compile(r'^399 \S+ "([A-Z0-9]+(?:-[A-Za-z0-9]+)+): [^"]+"')


def judge(s, answer, status):
    equal(answer.status, status, "status")
    warning = answer.get("Warning", "")
    matches(WARNING, warning, "Warning")
    s.must(WARNING.match(warning).group(1))
    s.must("INT-SBC-GENERATED")


def send(s, method="INVITE", fields=(), number="+442079460123"):
    pbx = s.pbx()
    if method == "INVITE":
        call = pbx.invite(f"sip:{number}@{s.ip(1)}:5060", fields)
        return call.expect(failure)
    request = pbx.request(method, f"sip:{number}@{s.ip(1)}:5060", fields)
    pbx.send(request)
    return pbx.expect_final(request)


def test_no_route(s):
    """no route takes the number: 404"""
    s.config["routes"] = [{"from": "pbx", "to": "carrier", "prefix": "+1"}]
    s.start()
    judge(s, send(s), 404)
    s.must("RTE-NO-MATCH")


def test_max_forwards(s):
    """Max-Forwards has run out: 483"""
    s.start()
    judge(s, send(s, fields=[("Max-Forwards", "0")]), 483)


def test_require(s):
    """an extension that nobody here knows: 420 with Unsupported"""
    s.start()
    answer = send(s, fields=[("Require", "nothing-we-know")])
    judge(s, answer, 420)
    equal(answer.get("Unsupported"), "nothing-we-know", "Unsupported")


def test_method(s):
    """a method that does not exist: 501 or 405, with Allow"""
    s.start()
    answer = send(s, "FROBNICATE")
    check(answer.status in (405, 501), f"status is {answer.status}")
    judge(s, answer, answer.status)
    check(answer.has("Allow"), "no Allow in the answer")


def test_trunk_limit(s):
    """a trunk that may have no more calls: 503 with Retry-After"""
    s.trunk("carrier")["max_calls"] = 1
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    first = pbx.invite(f"sip:+442079460123@{s.ip(1)}:5060")
    leg = carrier.incoming()
    second = pbx.invite(f"sip:+442079460124@{s.ip(1)}:5060")
    answer = pbx.expect(failure)
    second.take_answer(answer)
    judge(s, answer, 503)
    check(answer.has("Retry-After"), "no Retry-After")
    leg.reply(486)
    carrier.expect("ACK")
    first.expect(486)


def test_not_of_our_making(s):
    """what the callee answers carries no Warning of ours"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:+442079460123@{s.ip(1)}:5060")
    leg = carrier.incoming()
    leg.reply(404)
    carrier.expect("ACK")
    answer = call.expect(404)
    check(not answer.has("Warning"), "a Warning in somebody else's 404")
    s.must_not("INT-SBC-GENERATED")
