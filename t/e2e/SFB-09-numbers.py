"""SFB-09: numbers as they are dialled at home, for a carrier that wants E.164."""

from border import Line, equal
from sip import uri_of, user_of

E164 = "+442079460000"
DIALLED = [
    ("02079460000", E164), ("020-7946-0000", E164), ("(020)79460000", E164),
    ("(0)2079460000", E164), ("020.7946.0000", E164),
    ("00442079460000", E164), ("0044(0)2079460000", E164),
    ("+44(0)2079460000", E164), ("%2B442079460000", E164),
    ("442079460000", E164), ("07912345678", "+447912345678"),
    ("0033123456789", "+33123456789"), ("0012125550123", "+12125550123"),
    ("02079460000;ext=12", E164 + ";ext=12"), ("79460000", E164),
    ("01632960123", "+441632960123"), ("03069990123", "+443069990123"),
]
LEFT_ALONE = [
    E164, "+33123456789", E164 + ";ext=12", "999", "112", "911", "1471",
    "118500", "2001", "*31%23", "*3102079460000", "alice", "anonymous",
]


def line(s, fields):
    s.trunk("pbx").update({"country": "GB", "area": "20"})
    s.policy("carrier", "out", {"numbers": {"in": fields}})
    return Line(s)


def test_dialled(s):
    """17 numbers as people dial them become E.164"""
    short = line(s, ["request", "to"])
    for dialled, wanted in DIALLED:
        invite = short.call(user=dialled)
        equal(user_of(invite.uri), wanted, f"Request-URI of {dialled}")
        equal(user_of(uri_of(invite.get("To"))), wanted, f"To of {dialled}")
        s.must("NUM-NOT-E164", target="Request-URI", after=invite.uri)
    s.must_not("NUM-INVALID")


def test_left_alone(s):
    """13 that are E.164, short, codes or names stay as they are"""
    short = line(s, ["request", "to"])
    for dialled in LEFT_ALONE:
        invite = short.call(user=dialled)
        equal(user_of(invite.uri), dialled, "Request-URI")
        equal(user_of(uri_of(invite.get("To"))), dialled, "To")
    s.must_not("NUM-NOT-E164", "NUM-NATIONAL", "NUM-INVALID", "POL-VETOED")


def test_invalid(s):
    """digits that the plan does not have are not guessed, but told"""
    invite = line(s, ["request", "to"]).call(user="079123456789")
    equal(user_of(invite.uri), "079123456789", "Request-URI")
    s.must("NUM-INVALID", kind="diagnosis")
    s.must_not("NUM-NOT-E164")


FIELDS = [
    ("From", "from", "CLI-FORMAT"),
    ("P-Asserted-Identity", "asserted", None),
    ("P-Preferred-Identity", "preferred", None),
    ("Remote-Party-ID", "remote_party", None),
    ("Diversion", "diverting", None),
    ("History-Info", "diverting", None),
    ("Referred-By", "referred_by", None),
]


def test_each_field(s):
    """the number in each field that has one"""
    sent = [(name, "<sip:02079460000@pbx.example.com>" +
             (";tag=f1" if name == "From" else "")) for name, _, _ in FIELDS]
    invite = line(s, sorted({f for _, f, _ in FIELDS})).call(sent)
    for name, _, _ in FIELDS:
        equal(user_of(uri_of(invite.get(name))), E164, name)
        s.must("NUM-NATIONAL", target=name if name in ("From", "Referred-By")
               else name + "[0]")
