"""ACS-06: who refused a call, in which words; on which side a person has to look."""

import re

from border import check, equal, matches
from sip import failure


def refuse(s, caller, callee, at, status, fields=(), phrase=None):
    call = caller.invite(f"sip:+442079460123@{s.ip(at)}:5060")
    s.refused_by(callee, status, phrase, fields)
    equal(call.expect(failure).status, status, "status")


def why(s):
    """`cordon why` of the call that ended last, in one line."""
    call = s.expect_entry("CALL-ENDED", kind="end")["call"]
    return re.sub(r"\s+", " ", s.control("why", call))


def test_carrier_refuses(s):
    """403 of the carrier: its address, its words, and its trunk to look at"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    refuse(s, pbx, carrier, 1, 403, [("Server", "Carrier 1.0")], "No Account")
    s.expect_entry(
        "RSP-403", leg="callee", trunk="carrier", message="403 INVITE",
        before="403 No Account",
        reason=f"carrier {s.ip(3)}:5060 said so, not Cordon; "
               "Server: Carrier 1.0")
    said = why(s)
    matches(r"403 INVITE callee carrier .*RSP-403.*403 No Account .*"
            r"To do \(trunk carrier\): ", said, "why")
    s.must_not("INT-SBC-GENERATED")


def test_pbx_refuses(s):
    """404 of the PBX to the carrier's call: the PBX is named, no carrier"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    refuse(s, carrier, pbx, 4, 404)
    s.expect_entry("RSP-404", leg="callee", trunk="pbx",
                   before="404 Not Found",
                   reason=re.compile(rf"^pbx {s.ip(2)}:5060 said so, not Cordon; "
                          r"it was called as sip:\+442079460123@"))
    said = why(s)
    matches(r"To do \(trunk pbx\): ", said, "why")
    check("To do (carrier)" not in said, "the carrier is blamed")
    s.must_not("RTE-PROVIDER-REFUSED", "INT-SBC-GENERATED")


def test_policy_knows_better(s):
    """what a policy has named is not named twice"""
    s.policy("carrier", "in", {"responses": [
        {"status": 403, "phrase": "account",
         "diagnostic": "RTE-PROVIDER-REFUSED"}]})
    s.start()
    refuse(s, s.pbx(), s.carrier(), 1, 403, (), "No Account")
    s.must("RTE-PROVIDER-REFUSED", before="403 No Account")
    s.must_not("RSP-403")


def test_where_it_sees_us(s):
    """403 of a carrier that sees another address than ours: the address"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    via = leg.invite.get("Via") + ";received=203.0.113.77"
    leg.reply(403, [("Via", via)])
    carrier.expect("ACK")
    call.expect(403)
    s.must("RSP-403", reason=re.compile("it sees us at 203.0.113.77$"))


def test_each_target_by_its_call_id(s):
    """a target that was asked before is shown with the Call-ID it knows"""
    s.more_carriers(then=True)
    s.start()
    pbx, first, second = s.pbx(), s.carrier(), s.carrier(5)
    call = pbx.invite(s.uri())
    asked = s.refused_by(first, 503, "No channels")
    s.refused_by(second, 404)
    call.expect(404)
    said = why(s)
    matches(r"RSP-OTHER .*503 No channels.*RSP-404 ", said, "why")
    equal(re.sub(r"\s+", " ", s.control("why", asked.invite.get("Call-ID"))),
          said, "why of the Call-ID that the first target knows")
    matches(rf"before carrier Call-ID {asked.invite.get('Call-ID')} "
            rf"peer {s.ip(3)}:5060", said, "why")
