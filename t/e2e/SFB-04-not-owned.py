"""SFB-04: a From that is not ours, and nobody asserted: an owned number is."""

from border import equal, matches
from sip import uri_of

MAIN = "+442079460000"
NUMBERS = """
+442079460000..+442079460099
+442079460050  expires=2026-01-31
+442079460060  verified=no
+442079460200  owner=others
"""


def sent(s, user, fields=(), **identity):
    """The INVITE that the carrier gets of that caller."""
    s.config["inventory"] = [s.write("ours.numbers", NUMBERS)]
    s.trunk("carrier").update({"owners": ["ours"], "country": "GB"})
    s.policy("carrier", "out", {"identity": {
        "asserted": "owned", "default_caller": MAIN, **identity}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri(), [
        ("From", f'"Fred" <sip:{user}@pbx.example.com>;tag=f1'), *fields])
    leg = carrier.incoming()
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    equal(uri_of(leg.invite.get("From")), f"sip:{user}@pbx.example.com",
          "From")
    return leg.invite


def added(s, invite, number, reason):
    values = invite.list("P-Asserted-Identity")
    equal(len(values), 1, "number of asserted values")
    matches(rf"^<sip:\{number}@[^>]+;user=phone>$", values[0],
            "P-Asserted-Identity")
    matches(reason, s.expect_entry("CLI-NOT-OWNED", kind="rewrite")["reason"],
            "reason")


def test_not_owned(s):
    """a mobile's From stays, and the default caller is asserted"""
    added(s, sent(s, "+447700900123"), MAIN,
          r"\+447700900123 is not in the inventory")


def test_diverted(s):
    """of a diverted call the number that diverted is asserted"""
    invite = sent(s, "+447700900123", [
        ("Diversion", "<sip:02079460007@pbx.example.com>;reason=no-answer")])
    added(s, invite, "+442079460007", "not in the inventory")


def test_expired(s):
    """a number that has expired does not count, and the reason says when"""
    added(s, sent(s, "+442079460050"), MAIN, "until 2026-01-31")


def test_not_verified(s):
    """nor does one that is not verified"""
    added(s, sent(s, "+442079460060"), MAIN, "not verified")


def test_others(s):
    """nor one of another owner"""
    added(s, sent(s, "+442079460200"), MAIN, 'is of "others"')


def test_owned(s):
    """an owned From, in whatever form, needs nothing"""
    invite = sent(s, "02079460042")
    equal(invite.list("P-Asserted-Identity"), [], "asserted values")
    s.must_not("CLI-NOT-OWNED", "CLI-PAI-NOT-OWNED")


def test_anonymous(s):
    """who hides is not named"""
    invite = sent(s, "anonymous")
    equal(invite.list("P-Asserted-Identity"), [], "asserted values")
    s.must_not("CLI-NOT-OWNED")
