"""SFB-07: P-Asserted-Identity that some programs write and others refuse."""

from border import check, equal, matches
from sip import uri_of

NUMBER = "+442079460123"
OURS = "+442071234567"


def asserted(s, fields, journal=True, **identity):
    """What the carrier gets of these P-Asserted-Identity lines."""
    s.policy("carrier", "out", {
        "identity": {"asserted": "as-received", **identity}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060",
               [("P-Asserted-Identity", f) for f in fields])
    leg = carrier.incoming()
    leg.reply(486)
    carrier.expect("ACK")
    call.expect(486)
    if journal:
        s.must("MSG-PAI-MALFORMED", kind="rewrite")
    else:
        s.must_not("MSG-PAI-MALFORMED")
    values = leg.invite.list("P-Asserted-Identity")
    for value in values:
        matches(r"^(\"[^\"]*\" ?)?<(sips?|tel):[^<>@ ]+(@[^<>@ ]+)?>$", value,
                "P-Asserted-Identity")
    return values


def test_empty_and_bare_tel(s):
    """the literal form: an empty value and a bare tel URI behind a comma"""
    values = asserted(s, [f'"Fred Bloggs"<>,tel:{OURS}'])
    check(values, "no P-Asserted-Identity left")
    matches(OURS.replace("+", r"\+"), values[0], "P-Asserted-Identity")
    matches(r'^"?Fred Bloggs"?', values[0], "P-Asserted-Identity")


def test_real_form(s):
    """the form on the wire, a name and a bare tel value: one value of both"""
    values = asserted(
        s, [f'"Fred Bloggs"<sip:fred@pbx.example.com>,tel:{OURS}'],
        asserted_values="one")
    equal(len(values), 1, "number of values")
    matches(r'^"Fred Bloggs"', values[0], "P-Asserted-Identity")
    check(OURS in values[0], f"the number is lost: {values}")
    check("pbx.example.com" not in values[0], "the PBX's host is shown")


def test_two_lines(s):
    """two lines, both good: nothing is said"""
    values = asserted(s, [f'"Fred" <sip:{OURS}@pbx.example.com>',
                          f"<tel:{OURS}>"], journal=False)
    check(values and len(values) <= 2, f"values: {values}")
    check(all(OURS in v for v in values), f"values: {values}")


def test_folded(s):
    """a folded line is one line for the carrier"""
    values = asserted(
        s, [f'"Fred Bloggs"<>,\r\n tel:{OURS}'])
    equal(len(values), 1, "number of values")
    check(OURS in values[0], f"the number is lost: {values}")


def test_three_values(s):
    """three values: one of a scheme at the most remains"""
    values = asserted(s, [f'<sip:{OURS}@a.example.com>, <tel:{OURS}>, '
                          '<sip:+442071234568@b.example.com>'])
    schemes = [uri_of(v).split(":")[0] for v in values]
    equal(len(schemes), len(set(schemes)), "number of schemes")
    check(OURS in values[0], f"the first number is lost: {values}")


def test_garbage(s):
    """what cannot be repaired is left out, the call goes on"""
    values = asserted(s, ['"Fred <<,;=,@'])
    equal(values, [], "P-Asserted-Identity")
