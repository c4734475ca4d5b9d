"""BWC-33: North American numbers, for a carrier that wants E.164."""

from border import Line, equal
from sip import uri_of, user_of

E164 = "+12125550123"
DIALLED = [
    ("2125550123", E164), ("12125550123", E164), ("1-212-555-0123", E164),
    ("(212)555-0123", E164), ("+1(212)555-0123", E164), ("212.555.0123", E164),
    ("%2B12125550123", E164), ("01112125550123", E164), ("5550123", E164),
    ("011442079460000", "+442079460000"), ("01133123456789", "+33123456789"),
    ("18005550123", "+18005550123"), ("8005550123", "+18005550123"),
    ("4165550123", "+14165550123"), ("7875550123", "+17875550123"),
    ("2125550123;ext=9", E164 + ";ext=9"),
]
LEFT_ALONE = [
    E164, "+442079460000", "911", "112", "411", "611", "211", "988", "1001",
    "*67", "*672125550123", "*69", "operator", "reception",
]


def line(s):
    s.trunk("pbx").update({"country": "US", "area": "212"})
    s.policy("carrier", "out", {"numbers": {"in": ["request", "to"]}})
    return Line(s)


def test_dialled(s):
    """16 numbers of 7, 10 and 11 digits and with 011 become E.164"""
    short = line(s)
    for dialled, wanted in DIALLED:
        invite = short.call(user=dialled)
        equal(user_of(invite.uri), wanted, f"Request-URI of {dialled}")
        equal(user_of(uri_of(invite.get("To"))), wanted, f"To of {dialled}")
        s.must("NUM-NOT-E164", target="Request-URI", after=invite.uri)
    s.must_not("NUM-INVALID")


def test_other_fields(s):
    """the same in fields that are not dialled"""
    s.trunk("pbx").update({"country": "US", "area": "212"})
    s.policy("carrier", "out", {"numbers": {"in": ["diverting", "asserted"]}})
    invite = Line(s).call([
        ("P-Asserted-Identity", "<sip:12125550123@pbx.example.com>"),
        ("Diversion", "<sip:2125550123@pbx.example.com>")])
    for name in ("P-Asserted-Identity", "Diversion"):
        equal(user_of(uri_of(invite.get(name))), E164, name)
    s.must("NUM-NATIONAL", kind="rewrite", target="Diversion[0]")
    s.must_not("NUM-INVALID", "NUM-NOT-E164")


def test_left_alone(s):
    """14 that are E.164, short, codes or names stay as they are"""
    short = line(s)
    for dialled in LEFT_ALONE:
        equal(user_of(short.call(user=dialled).uri), dialled, "Request-URI")
    s.must_not("NUM-NOT-E164", "NUM-NATIONAL", "NUM-INVALID", "POL-VETOED")


def test_invalid(s):
    """an area code with 0 or 1 in front, or an exchange with one, is none"""
    short = line(s)
    for dialled in ("1125550123", "2121550123", "+10125550123"):
        equal(user_of(short.call(user=dialled).uri), dialled, "Request-URI")
        s.must("NUM-INVALID", target="Request-URI")
    s.must_not("NUM-NOT-E164")
