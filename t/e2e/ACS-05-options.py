"""ACS-05: a keep-alive OPTIONS is answered by the border, whatever stands behind."""

import re

from border import check, equal, matches


def tokens(message, name):
    return {t.strip() for v in message.all(name) for t in v.split(",")}


def test_answered_here(s):
    """the PBX is down; the carrier's OPTIONS has 200 with our own name"""
    s.tls_carrier()
    s.start()
    carrier = s.carrier_tls()
    request = carrier.request(
        "OPTIONS", "sip:sbc.example.com:5061;transport=tls")
    carrier.send(request)
    answer = carrier.expect_final(request)
    equal(answer.status, 200, "status")
    for name in ("Via", "From", "Call-ID", "CSeq"):
        got = answer.get(name)
        if name == "Via":
            got = re.sub(r";(received|rport)=[^;]*", "", got)
            equal(got, request.get(name).replace(";rport", ""), name)
        else:
            equal(got, request.get(name), name)
    matches(r";tag=", answer.get("To"), "To")
    matches(r"^<sip:([^@>]+@)?sbc\.example\.com(:5061)?;transport=tls>",
            answer.get("Contact"), "Contact")
    matches(r"application/sdp", answer.get("Accept"), "Accept")
    check(answer.has("Supported"), "no Supported in the answer")
    check("INVITE" in tokens(answer, "Allow"), "no INVITE in Allow")


def test_allow_as_configured(s):
    """Allow is what the trunk's configuration says"""
    s.trunk("carrier")["allow"] = ["INVITE", "ACK", "CANCEL", "BYE",
                                   "OPTIONS", "NOTIFY"]
    s.start()
    carrier = s.carrier()
    answer = carrier.options(f"sip:{s.ip(4)}:5060")
    equal(tokens(answer, "Allow"), {"INVITE", "ACK", "CANCEL", "BYE",
                                    "OPTIONS", "NOTIFY"}, "Allow")
    check("REFER" not in answer.get("Allow"), "REFER in Allow")


def test_nothing_reaches_the_pbx(s):
    """nothing of it reaches the PBX, which would have answered 404"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    pbx.answers_options = False
    answer = carrier.options(f"sip:{s.ip(4)}:5060")
    equal(answer.status, 200, "status")
    # The border's own answer to the PBX comes behind what it had sent before.
    equal(pbx.options(f"sip:{s.ip(1)}:5060").status, 200, "status")
    pbx.silent(0.1)
    s.must_not("INT-SBC-GENERATED")
