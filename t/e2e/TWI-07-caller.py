"""TWI-07: a calling number without its plus is refused by the carrier."""

from border import Line, equal
from sip import uri_of, user_of

WANTED = "+15005551212"
NAMES = ("From", "P-Asserted-Identity", "Remote-Party-ID")


def sent(s, user):
    s.trunk("pbx")["country"] = "US"
    s.policy("carrier", "out", {"numbers": {
        "in": ["from", "asserted", "remote_party"]}})
    invite = Line(s).call([
        (name, f"<sip:{user}@pbx.example.com>" +
         (";tag=f1" if name == "From" else "")) for name in NAMES],
        user="+12125550123")
    for name in NAMES:
        equal(user_of(uri_of(invite.get(name))), WANTED, name)


def converted(s, user):
    sent(s, user)
    for name in NAMES:
        s.must("CLI-FORMAT", kind="rewrite",
               target=name if name == "From" else name + "[0]")
    s.must_not("NUM-INVALID", "NUM-NATIONAL", "CLI-MISMATCH")


def test_ten_digits(s):
    """ten digits"""
    converted(s, "5005551212")


def test_eleven_digits(s):
    """eleven digits"""
    converted(s, "15005551212")


def test_e164(s):
    """with its plus it needs nothing"""
    sent(s, WANTED)
    s.must_not("CLI-FORMAT", "NUM-NATIONAL", "NUM-INVALID")
