"""Calls over UDP, made and taken by SIPp."""

from border import equal

CALLS = 20


def calls(s, caller, callee, target):
    callee_done = s.background(s.sipp("uas", callee, target, "-m", str(CALLS)))
    status, out = s.run(s.sipp("uac", caller, target, "-m", str(CALLS),
                               "-r", "20", "-s", "+442000000000"), wait=40)
    equal(status, 0, f"status of the caller ({out[-1500:]})")
    equal(callee_done.wait(20), 0, "status of the callee")


def test_pbx_to_carrier(s):
    """calls from the PBX to the carrier"""
    s.start()
    calls(s, 2, 3, s.inside)
    s.must("CALL-ENDED")
    s.must_not("INT-SBC-GENERATED", "MSG-INVALID")


def test_carrier_to_pbx(s):
    """calls from the carrier to the PBX"""
    s.start()
    calls(s, 3, 2, s.outside)
    s.must("CALL-ENDED")
    s.must_not("INT-SBC-GENERATED", "MSG-INVALID")
