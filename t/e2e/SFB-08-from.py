"""SFB-08: From as some PBXs write it, and no carrier takes it."""

import os

from border import HERE, check, equal, matches
from sip import failure, parameter, uri_of

NUMBER = "+442079460123"


SHIPPED = os.path.join(HERE, "..", "..", "policies")


def sent(s, value, number=NUMBER, **identity):
    """The From of the carrier's INVITE for the PBX's; None when refused."""
    if identity:
        s.policy("pbx", "in", {"identity": identity})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:{number}@{s.ip(1)}:5060",
                      [("From", f"{value};tag=fromtag1")])
    s.must("MSG-FROM-MALFORMED")
    try:
        leg = carrier.incoming(2)
    except Exception:
        answer = call.expect(failure)
        equal(answer.status, 400, "status")
        return None
    leg.reply(486)
    carrier.expect("ACK")
    answer = call.expect(486)
    equal(parameter(answer.get("From"), "tag"), "fromtag1",
          "tag of the answer's From")
    equal(answer.get("From"), call.invite.get("From"), "From of the answer")
    value = leg.invite.get("From")
    check(";;" not in value and "epid" not in value, f"From is {value}")
    check(parameter(value, "tag"), f"no tag in {value}")
    return value


def test_empty_parameter(s):
    """an empty parameter in the URI is left out"""
    value = sent(s, "<sip:02079460001@pbx.example.com;;user=phone>")
    matches(r"^sip:(02079460001|\+442079460001)@", uri_of(value), "URI of From")


def test_private_parameter(s):
    """a private parameter is left out"""
    value = sent(s, '"Fred" <sip:+442079460001@pbx.example.com>;epid=0123ab')
    matches(r"^sip:\+442079460001@", uri_of(value), "URI of From")


def test_no_uri(s):
    """no URI and no default caller: 400 to the PBX, nothing to the carrier"""
    value = sent(s, '"Fred Bloggs" <;user=phone>')
    equal(value, None, "From")


def test_no_uri_and_help(s):
    """no URI, and an emergency: the call goes on"""
    value = sent(s, '"Fred Bloggs" <;user=phone>', number="112")
    equal(uri_of(value), "sip:anonymous@anonymous.invalid", "URI of From")


def test_no_uri_with_default(s):
    """no URI: the trunk's default caller stands in"""
    value = sent(s, '"Fred Bloggs" <;user=phone>;epid=0123ab',
                 default_caller="+442079460000")
    matches(r"^sip:\+442079460000@", uri_of(value), "URI of From")


def test_as_printed(s):
    """the diverted call as its author printed it, To and all"""
    s.trunk("pbx").update({"country": "GB", "default_caller": "+442071234567"})
    s.trunk("pbx")["policy_in"] = os.path.join(SHIPPED, "sfb.conf")
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:07969987654@{s.ip(1)};user=phone", [
        ("FROM", "<;user=phone>;epid=blah;tag=blah"),
        ("TO", "sip:07969987654@;user=phone"),
        ("P-ASSERTED-IDENTITY", "tel:+4479123456789"),
        ("Privacy", "id")])
    leg = carrier.incoming()
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    equal(leg.invite.uri,
          f"sip:+447969987654@{s.ip(3)}:5060;user=phone", "Request-URI")
    equal(leg.invite.get("To"), f"<{leg.invite.uri}>", "To")
    matches(r"^<sip:\+442071234567@[^>]+;user=phone>;tag=[^;]+$",
            leg.invite.get("From"), "From")
    equal(leg.invite.get("P-Asserted-Identity"), "tel:+4479123456789",
          "P-Asserted-Identity")
    s.must("MSG-FROM-MALFORMED", kind="rewrite", target="From")
    s.must("NUM-INVALID", kind="diagnosis", target="P-Asserted-Identity")
    s.must_not("NUM-NATIONAL", "POL-VETOED")
