"""TWI-06, TWI-08, TWI-10, TWI-11, TWI-24, BWC-03, BWC-04, BWC-05, BWC-07, BWC-08,
BWC-10, BWC-27: what a carrier's status and words mean by its policy."""

from border import equal
from sip import failure

TWILIO = [
    (403, "Phone number is blacklisted", "RSP-BLACKLIST"),
    (403, "No International Authorization", "RSP-GEO"),
    (403, "Invalid Caller ID", "CLI-NOT-OWNED"),
    (400, "Invalid Phone Number", "NUM-NOT-E164"),
    (415, "Unsupported Media Type", "MED-PCMU"),
    # What it has no row for.
    (403, "Forbidden", "RSP-403"),
    (404, "Not Found", "RSP-404"),
]
BANDWIDTH = [
    (403, "Suspected fraud", "RSP-FRAUD"),
    (403, "Forbidden", "RSP-403"),
    (400, "Bad From", "RSP-400"),
    (500, "Internal error", "RSP-500"),
    (404, "Not Found", "RTE-UNALLOCATED"),
    (484, "Address Incomplete", "RTE-UNALLOCATED"),
    (480, "Temporarily Unavailable", "RTE-CALLEE-REFUSED"),
    (486, "Busy Here", "RTE-CALLEE-REFUSED"),
    (604, "Nowhere", "RTE-UNALLOCATED"),
]


def refusals(s, policy, table):
    """One call a row; each has its code and no other row's."""
    s.shipped("carrier", "out", policy)
    s.trunk("carrier")["domain"] = "trunk.example"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    codes = {code for _, _, code in table}
    for status, phrase, code in table:
        call = pbx.invite(s.uri())
        leg = s.refused_by(carrier, status, phrase)
        answer = call.expect(failure)
        equal(answer.start, f"SIP/2.0 {status} {phrase}", "answer")
        ended = s.until("the end", lambda: [
            e for e in s.entries_of("CALL-ENDED")
            if leg.invite.get("Call-ID").startswith(e["call"])])
        said = {e["diagnostic"] for e in s.journal()
                if e.get("call") == ended[0]["call"]
                and e.get("message") == f"{status} INVITE"}
        equal(said & codes, {code}, f"codes of {status} {phrase}")
    s.must_not("INT-SBC-GENERATED", "RTE-EXHAUSTED")


def test_twilio(s):
    """the words of Twilio's refusals"""
    refusals(s, "twilio-termination.conf", TWILIO)


def test_bandwidth(s):
    """Bandwidth's table of responses"""
    refusals(s, "bandwidth.conf", BANDWIDTH)
