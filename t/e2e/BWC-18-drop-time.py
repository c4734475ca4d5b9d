"""BWC-18: the moment at which a call was dropped names the timer that fits.

T1 is small here, so that the wait for an ACK is 3.2 s.
"""

import re

from border import matches
from sip import offer

WAIT_FOR_ACK = 3.2
SESSION = 6


def begin(s):
    s.config["sip"] = {"t1": "50ms", "t2": "50ms"}
    s.start()
    return s.pbx(), s.carrier()


def found(s, pattern, **fields):
    entry = s.expect_entry("DLG-DROP-TIME", **fields)
    matches(pattern, entry["reason"], "sentence")
    said = re.sub(r"\s+", " ", s.control("why", entry["call"]))
    matches(r"DLG-DROP-TIME .*ended by ", said, "cordon why")


def test_never_acked(s):
    """the PBX never sends its ACK: we hang up after 64*T1"""
    pbx, carrier = begin(s)
    call, leg = s.ringing(pbx, carrier)
    leg.reply(200, body=offer(carrier.host, 41000))
    carrier.expect("ACK")
    call.expect(200)
    pbx.reply(pbx.expect("BYE", 15), 200)
    leg.hung_up()
    found(s, r"^ended by us after 3\.\d s: the 200 OK was never ACKed$")
    s.must("DLG-ACK-TARGET", reason=re.compile("no ACK came"))


def test_callee_misses_its_ack(s):
    """the carrier hangs up when 64*T1 are over, as one that got no ACK"""
    pbx, carrier = begin(s)
    _, leg = s.up(pbx, carrier)
    carrier.silent(WAIT_FOR_ACK)
    leg.request("BYE")
    carrier.expect((200, "BYE"))
    bye = pbx.expect("BYE")
    pbx.reply(bye, 200)
    found(s, r"^ended by the callee \(carrier\) after 3\.\d s: as one that "
             r"waits for an ACK: ours did not reach it", leg="callee")


def test_half_of_the_session(s):
    """the PBX hangs up when a refresh was due"""
    pbx, carrier = begin(s)
    call, leg = s.up(pbx, carrier, [("Session-Expires",
                                     f"{2 * SESSION};refresher=uas")])
    pbx.silent(SESSION)
    s.down(call, leg)
    found(s, r"^ended by the caller \(pbx\) after [56]\.\d s: half of the "
             r"Session-Expires \(12 s\) that the caller \(pbx\) was last heard "
             r"with", leg="caller")


def test_an_end_at_no_moment(s):
    """a call that ends at once is no drop"""
    pbx, carrier = begin(s)
    s.down(*s.up(pbx, carrier))
    s.must_not("DLG-DROP-TIME", "MSD")
