"""BWC-26: a calling number that cannot exist is passed, replaced or refused."""

from border import Timeout, equal, matches
from sip import failure, uri_of

MAIN = "+15125550100"
INVALID = ("0000000000", "12", "+15551230000")


def sent(s, mode, *users):
    """From as the carrier gets it for each; None when it was refused."""
    s.trunk("carrier").update({"country": "US", "default_caller": MAIN})
    s.trunk("pbx")["country"] = "US"
    s.policy("carrier", "out", {"identity": {"invalid_ani": mode}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    for user in users:
        call = pbx.invite(s.uri("+15125550199"), [
            ("From", f"<sip:{user}@pbx.example.com>;tag=f1")])
        try:
            leg = carrier.incoming(1)
        except Timeout:
            answer = call.expect(failure)
            equal(answer.status, 403, "status")
            matches("CLI-ANI-INVALID", answer.get("Warning"), "Warning")
            yield None
            continue
        leg.reply(486)
        carrier.expect("ACK")
        call.expect(486)
        yield uri_of(leg.invite.get("From"))


def test_pass(s):
    """passed: the number stays, and the journal names it"""
    for user, value in zip(INVALID, sent(s, "pass", *INVALID)):
        equal(value, f"sip:{user}@pbx.example.com", "From")
    entry = s.expect_entry("CLI-ANI-INVALID", kind="diagnosis")
    matches("0000000000 is not valid: carriers block it", entry["reason"],
            "reason")


def test_replace(s):
    """replaced by the default caller"""
    for value in sent(s, "replace", *INVALID):
        equal(value, f"sip:{MAIN}@pbx.example.com", "From")
    s.must("CLI-ANI-INVALID", kind="rewrite")


def test_reject(s):
    """refused here with 403, and the carrier never sees it"""
    for value in sent(s, "reject", *INVALID):
        equal(value, None, "From")
    s.must("CLI-ANI-INVALID")


def test_valid(s):
    """a number that can exist is none of it"""
    for value in sent(s, "reject", "+15125550142", "5125550142"):
        matches("5125550142@", value, "From")
    s.must_not("CLI-ANI-INVALID")
