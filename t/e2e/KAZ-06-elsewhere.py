"""KAZ-06, KAZ-07: the dialled number stands elsewhere, or is nobody's."""

from border import equal, matches
from sip import uri_of, user_of

DID = "+442079460001"


def dialled(s, uri_user, to=DID, fields=(), places=("to",)):
    """What the PBX gets of a call from the carrier: the INVITE."""
    s.config["inventory"] = [
        s.write("dids.numbers", "+442079460000..+442079460099\n")]
    s.trunk("carrier")["country"] = "GB"
    s.policy("carrier", "in", {"numbers": {"called_from": list(places)}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:{uri_user}@{s.ip(4)}:5060", [
        ("To", f"<sip:{to}@{s.ip(4)}>"), *fields])
    leg = pbx.incoming()
    leg.reply(486)
    pbx.expect("ACK")
    call.expect(486)
    equal(user_of(uri_of(leg.invite.get("To"))), to, "user of To")
    return user_of(leg.invite.uri)


def found(s, where):
    entry = s.expect_entry("NUM-ELSEWHERE", kind="rewrite")
    matches(f"stands in {where}: the Request-URI has trunk1", entry["reason"],
            "reason")


def test_to(s):
    """in To: written into the Request-URI, and To stays"""
    equal(dialled(s, "trunk1", "02079460001"), DID, "dialled number")
    found(s, "To")


def test_called_party(s):
    """in P-Called-Party-ID"""
    equal(dialled(s, "trunk1", "trunk1",
                  [("P-Called-Party-ID", f"<sip:{DID}@carrier.example>")],
                  ["to", "p_called_party_id"]), DID, "dialled number")
    found(s, "P-Called-Party-ID")


def test_history(s):
    """in History-Info"""
    equal(dialled(s, "trunk1", "trunk1", [
        ("History-Info", f"<sip:{DID}@carrier.example>;index=1, "
                         "<sip:trunk1@carrier.example>;index=1.1")],
        ["history_info"]), DID, "dialled number")
    found(s, "History-Info")


def test_diversion(s):
    """in Diversion"""
    equal(dialled(s, "trunk1", "trunk1", [
        ("Diversion", f"<sip:{DID}@carrier.example>;reason=unconditional")],
        ["diversion"]), DID, "dialled number")
    found(s, "Diversion")


def test_there(s):
    """where it belongs: nothing is looked for"""
    equal(dialled(s, DID, "+442079460002"), DID, "dialled number")
    s.must_not("NUM-ELSEWHERE", "RTE-DID-UNKNOWN")


def test_unknown(s):
    """KAZ-07: nowhere: the call goes on, and the journal names the number"""
    equal(dialled(s, "+442079460100", "+442079460100"), "+442079460100",
          "dialled number")
    entry = s.expect_entry("RTE-DID-UNKNOWN", kind="diagnosis")
    matches(r"\+442079460100 is not in the inventory", entry["reason"],
            "reason")
    matches("below.*460099", s.control("did", "+442079460100", status=1),
            "cordon did")
