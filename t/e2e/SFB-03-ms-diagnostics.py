"""SFB-03: what a failing side says is kept with the call, beside the last event of
the other leg."""

import re

from border import check, equal, matches

MS = ('10014;source="fe.pbx.example";reason="Gateway returned a SIP failure code"'
      ';component="MediationServer"')


def the_end(s):
    return s.expect_entry("CALL-ENDED", kind="end")


def why(s):
    """`cordon why` of the call that ended last, in one line."""
    call = s.expect_entry("CALL-ENDED", kind="end")["call"]
    return re.sub(r"\s+", " ", s.control("why", call))


def test_bye_with_ms_diagnostics(s):
    """a BYE of the PBX after the carrier refused its INFO"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    call.request("INFO")
    info = carrier.expect("INFO")
    carrier.reply(info, 405, [("Allow", "INVITE, ACK, BYE")])
    pbx.expect((405, "INFO"))
    call.request("BYE", [("ms-diagnostics", MS)])
    bye = leg.hung_up()
    check(not bye.has("ms-diagnostics"), "ms-diagnostics reached the carrier")
    pbx.expect((200, "BYE"))
    found = s.expect_entry("MSD", leg="caller", message="BYE", before=MS)
    matches(r'^ms-diagnostics 10014 "Gateway returned a SIP failure code" '
            r"\(MediationServer\), \d+ ms after carrier's 405 to INFO$",
            found["reason"], "sentence")
    matches(r"^pbx's BYE: ms-diagnostics 10014 .*, \d+ ms after carrier's 405 "
            r"to INFO$", the_end(s)["before"], "end")
    said = why(s)
    matches(r'MSD A peer explains a failure .*ms-diagnostics 10014 "Gateway',
            said)
    matches(r"End .*pbx's BYE: ms-diagnostics 10014", said)


def test_503_with_everything(s):
    """a 503 of the PBX to the carrier's INVITE: all of its headers"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = carrier.invite(f"sip:+442079460123@{s.ip(4)}:5060")
    leg = pbx.incoming()
    leg.reply(503, [("ms-diagnostics-public", "2;reason=\"See response code\""),
                    ("Warning", '399 lync "no route, sorry"'),
                    ("Reason", 'Q.850;cause=3;text="unallocated"')])
    pbx.expect("ACK")
    call.expect(sip_failure)
    found = s.expect_entry("MSD", leg="callee", message="503 INVITE",
                           target="ms-diagnostics-public")
    matches(r'^ms-diagnostics-public 2 "See response code"; '
            r'Reason: Q\.850;cause=3;text="unallocated"; '
            r'Warning 399 "no route, sorry", \d+ ms after carrier\'s INVITE$',
            found["reason"], "sentence")
    matches(r"^pbx's 503 to INVITE: ms-diagnostics-public 2 ",
            the_end(s)["before"], "end")


def test_broken_value(s):
    """what cannot be read is shown as it came, and harms nobody"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    call.request("BYE", [("ms-diagnostics", 'x\\"y;reason="' + "z" * 3000)])
    leg.hung_up()
    pbx.expect((200, "BYE"))
    found = s.expect_entry("MSD", message="BYE")
    check(len(found["reason"]) < 400, "the sentence is too long")
    matches(r'^ms-diagnostics: x\\"y;reason="zzz', found["reason"], "sentence")


def test_nothing_said(s):
    """an end with the usual Reason explains nothing"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    call.request("BYE", [("Reason", 'Q.850;cause=16;text="Normal"')])
    leg.hung_up()
    pbx.expect((200, "BYE"))
    equal(the_end(s).get("before"), None, "what was said")
    s.must_not("MSD", "DLG-DROP-TIME")


def sip_failure(message):
    return message.status >= 300
