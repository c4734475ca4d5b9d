"""Reason: causes of the telephone network, from one side to the other."""

from border import equal, matches
from sip import failure

ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"'


def why(s):
    s.expect_entry("CALL-ENDED")
    return " ".join(s.control("why", "2079460123").split())


def test_bye(s):
    """the cause of a BYE passes, and cordon why names it"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    pbx.options(s.uri())  # behind the ACK of the PBX
    leg.request("BYE", [("Reason", 'Q.850;cause=38;text="no line"')])
    bye = call.hung_up()
    carrier.expect((200, "BYE"))
    equal(bye.all("Reason"), ['Q.850;cause=38;text="no line"'], "Reason")
    said = why(s)
    matches("CALL-CAUSE .*network out of order", said, "diagnosis")
    matches('Reason: Q.850;cause=38;text="no line"', said, "evidence")
    matches(r"the callee hung up: network out of order \(Q\.850 cause 38\)",
            said, "end")
    s.must("CALL-CAUSE", kind="diagnosis", leg="callee", message="BYE")


def test_failure(s):
    """a failure keeps its status and its cause"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.ringing(pbx, carrier)
    leg.reply(503, [("Reason", "Q.850;cause=1")])
    carrier.expect("ACK")
    answer = call.expect(failure)
    equal((answer.status, answer.all("Reason")), (503, ["Q.850;cause=1"]),
          "status and Reason")
    matches(r"unallocated number \(Q\.850 cause 1\)", why(s), "end")
    s.must("CALL-CAUSE", leg="callee", message="503 INVITE")


def test_no_cause(s):
    """a failure without a cause has that of its status"""
    s.start()
    call, leg = s.ringing(s.pbx(), s.carrier())
    leg.reply(486)
    leg.endpoint.expect("ACK")
    equal(call.expect(486).all("Reason"), ["Q.850;cause=17"], "Reason")
    s.must_not("CALL-CAUSE")


def taken_back(s, fields):
    """The caller's CANCEL with these fields: what the callee gets of it, and the
    status of the INVITE."""
    s.start()
    call, leg = s.ringing(s.pbx(), s.carrier())
    call.cancel(fields)
    call.endpoint.expect((200, "CANCEL"))
    status = call.expect(failure).status
    return leg.cancelled().all("Reason"), status


def test_elsewhere(s):
    """answered elsewhere: the callee's CANCEL says so"""
    equal(taken_back(s, [("Reason", ELSEWHERE)]), ([ELSEWHERE], 487),
          "Reason and status")


def test_cancel(s):
    """a cause in a CANCEL passes, and is the status of the INVITE"""
    equal(taken_back(s, [("Reason", "Q.850;cause=34")]),
          (["Q.850;cause=34"], 503), "Reason and status")
    matches("no circuit available", why(s), "why")
