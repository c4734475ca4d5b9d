"""ACS-01: From and P-Asserted-Identity name different callers."""

from border import Line, equal
from sip import uri_of

FROM = '"Alice" <sip:+442079460000@pbx.example.com>;tag=f1'
OTHER = '"Bob" <sip:+442079460009@pbx.example.com>'


def sent(s, asserted, values, **identity):
    s.policy("carrier", "out", {"identity": {
        "asserted": asserted, **identity}})
    s.trunk("carrier")["country"] = "GB"
    invite = Line(s).call([("From", FROM)] + [
        ("P-Asserted-Identity", v) for v in values])
    equal(uri_of(invite.get("From")), "sip:+442079460000@pbx.example.com",
          "From")
    return invite.list("P-Asserted-Identity")


def test_absent(s):
    """asserted = absent: every value goes"""
    equal(sent(s, "absent", [OTHER, "<tel:+442079460009>"]), [],
          "asserted values")
    s.must("CLI-MISMATCH", kind="rewrite", after=None)
    s.must_not("CLI-PAI-NOT-OWNED", "MSG-PAI-MALFORMED")


def test_from(s):
    """asserted = from: From's number, with the name that came"""
    equal(sent(s, "from", [OTHER]),
          ['"Bob" <sip:+442079460000@pbx.example.com;user=phone>'],
          "asserted values")
    s.must("CLI-MISMATCH", kind="rewrite")


def test_as_received(s):
    """asserted = as-received: untouched, and told"""
    equal(sent(s, "as-received", [OTHER]), [OTHER], "asserted values")
    s.must("CLI-MISMATCH", kind="diagnosis")


def test_fixed(s):
    """asserted = fixed: that number"""
    equal(sent(s, "fixed:+442079460050", [OTHER]),
          ['"Bob" <sip:+442079460050@pbx.example.com;user=phone>'],
          "asserted values")
    s.must("CLI-PAI-NOT-OWNED", kind="rewrite")


def test_map(s):
    """asserted = map: the number that the file has for the caller"""
    s.write("desks.map", "# desks\n+442079460000 +442079460060\n")
    equal(sent(s, "map:desks.map", [OTHER]),
          ['"Bob" <sip:+442079460060@pbx.example.com;user=phone>'],
          "asserted values")
    s.must("CLI-PAI-NOT-OWNED", kind="rewrite")


def test_map_without_the_caller(s):
    """a caller who is not in the file: as it came"""
    s.write("desks.map", "+442079460001 +442079460060\n")
    equal(sent(s, "map:desks.map", [OTHER]), [OTHER], "asserted values")
    s.must("CLI-MISMATCH", kind="diagnosis")
    s.must_not("CLI-PAI-NOT-OWNED")


def test_nobody_asserted(s):
    """asserted = absent where nobody is asserted: nothing to say"""
    equal(sent(s, "absent", []), [], "asserted values")
    s.must_not("CLI-MISMATCH")


def test_same_caller(s):
    """the same caller in another form is no mismatch"""
    same = "<sip:02079460000@pbx.example.com>"
    equal(sent(s, "from", [same]), [same], "asserted values")
    s.must_not("CLI-MISMATCH")
