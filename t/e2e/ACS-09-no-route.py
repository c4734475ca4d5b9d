"""ACS-09: a number that no route takes: which prefixes have one, and in which form
the number would."""

from border import equal, matches
from sip import failure


def test_nearest(s):
    """404 names the number, the prefixes, and the form that would match"""
    s.trunk("pbx")["country"] = "GB"
    s.config["routes"] = [
        {"from": "pbx", "to": "carrier", "prefix": "+44"},
        {"from": "pbx", "to": "carrier", "prefix": "+1"},
        {"from": "carrier", "to": "pbx", "prefix": "0"}]
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri("02079460123"))
    answer = call.expect(failure)
    equal(answer.status, 404, "status")
    matches("RTE-NO-MATCH: no route takes this number", answer.get("Warning"),
            "Warning")
    carrier.silent(0.2)
    s.must("RTE-NO-MATCH", kind="end",
           reason="no route takes this number: 02079460123 from pbx, whose "
                  "routes begin with +44, +1; it would have one as "
                  "+442079460123")


def test_none_at_all(s):
    """a trunk without any route"""
    s.config["routes"] = [{"from": "carrier", "to": "pbx"}]
    s.start()
    call = s.pbx().invite(s.uri())
    equal(call.expect(failure).status, 404, "status")
    s.must("RTE-NO-MATCH", kind="end",
           reason="no route takes this number: +442079460123 from pbx, which "
                  "has no route")
