"""SFB-15: a number with a digit too many is told, and no digit is guessed."""

from border import Line, equal
from sip import uri_of, user_of

ODD = "+4479123456789"
OURS = "+442081234567"


def line(s, **identity):
    s.trunk("pbx")["country"] = "GB"
    s.trunk("carrier")["country"] = "GB"
    s.policy("carrier", "out", {
        "identity": {"asserted": "as-received", **identity},
        "numbers": {"in": ["request", "to", "from", "asserted", "preferred",
                           "remote_party", "diverting", "referred_by"]}})
    return Line(s)


def told(s, target):
    entry = s.expect_entry("NUM-INVALID", kind="diagnosis", target=target)
    equal(entry["before"], ODD, "what the entry shows")
    equal(entry["reason"], f"{ODD} is left unchanged: no valid number by the "
          "plan of GB", "reason")
    s.must_not("NUM-NATIONAL", "NUM-NOT-E164", "CLI-FORMAT", "POL-VETOED")


def test_asserted(s):
    """P-Asserted-Identity: tel:+4479123456789, as the trace has it"""
    invite = line(s).call([
        ("From", f"<sip:{OURS}@pbx.example.com;user=phone>;tag=f1"),
        ("P-Asserted-Identity", f"<tel:{ODD}>")])
    equal(invite.list("P-Asserted-Identity"), [f"<tel:{ODD}>"],
          "asserted values")
    told(s, "P-Asserted-Identity")


def test_dialled(s):
    """dialled: it goes on as it was dialled, and the carrier may refuse it"""
    invite = line(s).call(user=ODD)
    equal(user_of(invite.uri), ODD, "Request-URI")
    equal(user_of(uri_of(invite.get("To"))), ODD, "To")
    told(s, "Request-URI")


def test_caller(s):
    """the caller's: From stays"""
    invite = line(s).call([
        ("From", f'"Alice" <sip:{ODD}@pbx.example.com;user=phone>;tag=f1')])
    equal(uri_of(invite.get("From")), f"sip:{ODD}@pbx.example.com;user=phone",
          "From")
    told(s, "From")


def test_others(s):
    """in every other field that has a number"""
    sent = [(name, f"<sip:{ODD}@pbx.example.com>") for name in (
        "P-Preferred-Identity", "Remote-Party-ID", "Diversion",
        "Referred-By")]
    invite = line(s).call(sent)
    for name, value in sent:
        equal(invite.get(name), value, name)
        s.must("NUM-INVALID", kind="diagnosis", target=name)
    s.must_not("NUM-NATIONAL", "NUM-NOT-E164", "CLI-FORMAT")


def test_valid(s):
    """one digit less is a mobile's number, and nothing is said"""
    invite = line(s).call([
        ("P-Asserted-Identity", "<tel:+447912345678>")], user="+447912345678")
    equal(user_of(invite.uri), "+447912345678", "Request-URI")
    s.must_not("NUM-INVALID", "NUM-NOT-E164", "NUM-NATIONAL")
