"""KAZ-05: the number that a carrier calls, in the form that the PBX knows."""

from border import Line, equal
from sip import uri_of, user_of

FORMS = ["+442079460000", "442079460000", "02079460000", "00442079460000",
         "+44(0)2079460000", "020-7946-0000"]


def inbound(s, form, wanted):
    s.trunk("carrier")["country"] = "GB"
    s.trunk("pbx")["country"] = "GB"
    s.policy("pbx", "out", {"numbers": {
        "format": form, "in": ["request", "to"]}})
    line = Line(s)
    for called in FORMS:
        invite = line.call(user=called, back=True)
        equal(user_of(invite.uri), wanted, f"Request-URI of {called}")
        equal(user_of(uri_of(invite.get("To"))), wanted, f"To of {called}")


def test_plus(s):
    """E.164 with plus, of six forms"""
    inbound(s, "+e164", "+442079460000")
    s.must("NUM-NOT-E164", target="Request-URI")
    s.must_not("NUM-INVALID")


def test_digits(s):
    """E.164 without plus"""
    inbound(s, "e164", "442079460000")
    s.must("NUM-INBOUND", target="Request-URI")
    s.must_not("NUM-INVALID", "NUM-NOT-E164")


def test_national(s):
    """as the PBX's own people dial it"""
    inbound(s, "national", "02079460000")
    s.must("NUM-INBOUND", target="Request-URI")
    s.must_not("NUM-INVALID", "NUM-NOT-E164")


def test_international(s):
    """with the international prefix"""
    inbound(s, "international", "00442079460000")
    s.must("NUM-INBOUND", target="Request-URI")


def test_extension(s):
    """what is no number of the plan stays"""
    s.trunk("carrier")["country"] = "GB"
    s.policy("pbx", "out", {"numbers": {
        "format": "+e164", "in": ["request", "to"]}})
    line = Line(s)
    for called in ("2001", "reception", "*98"):
        equal(user_of(line.call(user=called, back=True).uri), called,
              "Request-URI")
    s.must_not("NUM-INBOUND", "NUM-NOT-E164", "NUM-INVALID")
