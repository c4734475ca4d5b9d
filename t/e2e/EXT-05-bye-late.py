"""EXT-05: behind the final NOTIFY the transferor has to hang up; where it does not,
Cordon does after a second."""

import time

from border import check, equal
from refer import Transferor, Watch, accept
from sip import offer

TARGET = "+442079460099"


class Joined:
    """A blind transfer up to the final NOTIFY, which is not answered."""

    def __init__(self, s):
        self.s = s
        s.start()
        self.pbx, self.carrier = s.pbx(), s.carrier()
        self.watch = Watch(self.pbx, self.carrier)
        self.call, self.leg = s.up(self.pbx, self.carrier)
        self.asks = Transferor(self.call)
        self.asks.refer(s.uri(TARGET))
        self.asks.accepted()
        self.asks.notified(100)
        self.target = self.carrier.incoming()
        self.target.reply(200, body=offer(self.carrier.host, 42000))
        self.carrier.expect("ACK")
        accept(self.carrier, 41000)
        self.last = self.asks.notified(200, last=True, answer=None)
        self.since = time.monotonic()

    def end(self):
        self.target.request("BYE")
        self.carrier.expect((200, "BYE"))
        self.leg.hung_up()
        self.watch.judge()


def test_no_bye(s):
    """no BYE: Cordon sends it after 1 s, and says so"""
    t = Joined(s)
    t.pbx.reply(t.last, 200)
    t.call.hung_up()
    check(time.monotonic() - t.since > 0.9, "the BYE came at once")
    t.end()
    s.must("XFR-BYE-LATE", leg="caller", trunk="pbx")
    s.must("CALL-ENDED", target="target-hung-up")


def test_no_answer_to_the_notify(s):
    """the final NOTIFY is answered when all is over"""
    t = Joined(s)
    t.call.hung_up()
    t.end()
    s.expect_entry("CALL-ENDED")
    t.pbx.reply(t.last, 200)
    s.must("XFR-BYE-LATE")


def test_notify_refused(s):
    """the final NOTIFY is answered with 481: the BYE comes all the same"""
    t = Joined(s)
    t.pbx.reply(t.last, 481)
    t.call.hung_up()
    t.end()
    s.must("XFR-BYE-LATE")


def test_bye_in_time(s):
    """its own BYE: there is no second one, and no entry"""
    t = Joined(s)
    t.pbx.reply(t.last, 200)
    t.call.hang_up()
    t.pbx.silent(1.2)
    equal(t.watch.methods[t.pbx].count("BYE"), 0, "BYEs to the transferor")
    t.end()
    s.must_not("XFR-BYE-LATE")
