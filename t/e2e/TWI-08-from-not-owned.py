"""TWI-08: a carrier that refuses a From that is not ours gets one that is."""

from border import equal, matches
from sip import failure, uri_of

CALLER = "+447700900123"
MAIN = "+442079460000"


def sent(s, mode, user=CALLER, fields=(), status=486):
    """From as the carrier gets it, and the PBX's answer."""
    s.config["inventory"] = [
        s.write("ours.numbers", "+442079460000..+442079460099\n")]
    s.trunk("carrier").update({"country": "GB", "default_caller": MAIN})
    s.policy("carrier", "out", {"identity": {"from": mode}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri(), [
        ("From", f'"Fred" <sip:{user}@pbx.example.com>;tag=f1'), *fields])
    leg = carrier.incoming()
    leg.reply(status)
    carrier.expect("ACK")
    answer = call.expect(failure)
    equal(answer.get("From"), call.invite.get("From"), "From of the answer")
    return uri_of(leg.invite.get("From")), answer


def test_replaced(s):
    """not owned: the trunk's default caller; the PBX sees its own From"""
    value, _ = sent(s, "owned")
    equal(value, f"sip:{MAIN}@pbx.example.com", "From")
    entry = s.expect_entry("CLI-NOT-OWNED", kind="rewrite")
    matches(CALLER.replace("+", r"\+"), entry["before"], "before")


def test_asserted(s):
    """not owned, and the asserted number is: that one"""
    value, _ = sent(s, "owned", fields=[
        ("P-Asserted-Identity", "<sip:02079460042@pbx.example.com>")])
    equal(value, "sip:+442079460042@pbx.example.com", "From")


def test_owned(s):
    """an owned number stays as it is"""
    value, _ = sent(s, "owned", "02079460042")
    equal(value, "sip:02079460042@pbx.example.com", "From")
    s.must_not("CLI-NOT-OWNED")


def test_default(s):
    """always the default caller"""
    value, _ = sent(s, "default", "+442079460042")
    equal(value, f"sip:{MAIN}@pbx.example.com", "From")
    s.must("CLI-NOT-OWNED", kind="rewrite")


def test_anonymous(s):
    """who hides stays hidden"""
    value, _ = sent(s, "owned", "anonymous")
    equal(value, "sip:anonymous@pbx.example.com", "From")
    s.must_not("CLI-NOT-OWNED")


def test_kept(s):
    """kept: the carrier's 403 reaches the PBX"""
    value, answer = sent(s, "keep", status=403)
    equal(value, f"sip:{CALLER}@pbx.example.com", "From")
    equal(answer.status, 403, "status")
