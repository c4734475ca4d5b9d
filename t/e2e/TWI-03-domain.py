"""TWI-03: a carrier that drops what is not addressed to its own domain."""

from border import Line, equal
from sip import uri_of

DOMAIN = "mytrunk.pstn.example.net"


def sent(s, domain):
    if domain:
        s.trunk("carrier")["domain"] = domain
    return Line(s).call()


def test_domain(s):
    """the host of the Request-URI and of To is the trunk's domain"""
    invite = sent(s, DOMAIN)
    equal(invite.uri, f"sip:+442079460123@{DOMAIN}", "Request-URI")
    equal(uri_of(invite.get("To")), f"sip:+442079460123@{DOMAIN}", "To")
    s.must("RTE-WRONG-RURI-HOST", kind="rewrite", target="Request-URI",
           after=f"sip:+442079460123@{DOMAIN}")
    s.must("RTE-WRONG-RURI-HOST", kind="rewrite", target="To")
    s.must_not("POL-VETOED")


def test_domain_with_number(s):
    """and the number is in E.164 there"""
    s.trunk("pbx")["country"] = "GB"
    s.trunk("carrier")["domain"] = DOMAIN
    s.policy("carrier", "out", {"numbers": {"in": ["request", "to"]}})
    invite = Line(s).call(user="02079460123")
    equal(invite.uri, f"sip:+442079460123@{DOMAIN}", "Request-URI")
    s.must("RTE-WRONG-RURI-HOST", target="Request-URI")
    s.must("NUM-NOT-E164", target="Request-URI")


def test_no_domain(s):
    """without a domain nothing is said"""
    sent(s, None)
    s.must_not("RTE-WRONG-RURI-HOST")
