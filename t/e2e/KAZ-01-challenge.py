"""KAZ-01: a challenge is told of, with who made it, and never shown to the other."""

import re

from border import equal, matches
from sip import failure

DIGEST = [("Proxy-Authenticate", 'Digest realm="pbx.example", nonce="n0nce"')]


def challenged(s, caller, callee, at):
    call = caller.invite(f"sip:+442079460123@{s.ip(at)}:5060")
    s.refused_by(callee, 407, "Proxy Authentication Required", DIGEST)
    answer = call.expect(failure)
    equal(answer.status, 503, "status")
    equal("igest" in str(answer), False, "the challenge is shown")
    matches('"AUTH-CHALLENGED: ', answer.get("Warning"), "Warning")


def test_pbx(s):
    """a PBX by its policy: it has to be told our address"""
    s.shipped("pbx", "in", "kazoo.conf")
    s.start()
    challenged(s, s.carrier(), s.pbx(), 4)
    s.must("AUTH-PBX-CHALLENGES", leg="callee", trunk="pbx",
           before="407 Proxy Authentication Required")
    s.must("AUTH-CHALLENGED", kind="end",
           reason=re.compile(f": pbx {s.ip(2)}:5060$"))


def test_carrier(s):
    """a carrier challenges as well: no PBX is blamed"""
    s.start()
    challenged(s, s.pbx(), s.carrier(), 1)
    s.must("AUTH-CHALLENGED", leg="callee", trunk="carrier",
           reason=f'carrier {s.ip(3)}:5060 asks for credentials for the realm '
                  '"pbx.example", and Cordon has none to give')
    said = s.control("why", s.expect_entry("AUTH-CHALLENGED", kind="end")["call"])
    matches(r"To do \(trunk carrier\): ", said, "why")
    equal("n0nce" in said + s.read("journal"), False, "the nonce is shown")
    s.must_not("AUTH-PBX-CHALLENGES")
