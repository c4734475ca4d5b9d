"""EXT-02: a carrier that forks shows the PBX one early dialog, or each as its own."""

from border import check, equal
from sip import offer, parameter


def tag_of(message):
    return parameter(message.get("To"), "tag")


class Forks:
    """The PBX calls, and two of the carrier's phones say something."""

    def __init__(self, s, **trunk):
        s.trunk("pbx").update(trunk)
        s.start()
        self.scene, self.pbx, self.carrier = s, s.pbx(), s.carrier()
        self.call = self.pbx.invite(s.uri())
        self.leg = self.carrier.incoming()

    def say(self, status, tag, port=None):
        body = offer(self.scene.ip(3), port) if port else b""
        self.leg.local_tag = tag
        # No two are the same bytes: those are a retransmission to an actor.
        self.leg.reply(status, [("Alert-Info", f"<http://{tag}.example/>")],
                       body)

    def hear(self, status):
        """What the PBX gets: our tag and the port of its SDP."""
        got = self.call.expect(status)
        media = got.sdp("m")
        return tag_of(got), int(media[0].split()[1]) if media else None

    def answer(self, tag, port):
        self.say(200, tag, port)
        got = self.call.connect()
        equal(parameter(self.carrier.expect("ACK").get("To"), "tag"), tag,
              "tag of the ACK")
        return tag_of(got), int(got.sdp("m")[0].split()[1])

    def end(self):
        self.scene.down(self.call, self.leg)


def test_collapsed(s):
    """180 tag a, 180 tag b, 183 b, 183 a, 200 b: one dialog, one early SDP"""
    f = Forks(s)
    f.say(180, "a")
    ours, media = f.hear(180)
    equal(media, None, "SDP of the 180")
    f.say(180, "b")
    equal(f.hear(180), (ours, None), "second 180")
    f.say(183, "b", 42000)
    equal(f.hear(183), (ours, 42000), "183 of the first with SDP")
    f.say(183, "a", 43000)
    equal(f.hear(183), (ours, None), "183 of the other")
    equal(f.answer("b", 42000), (ours, 42000), "200")
    f.end()
    s.must("DLG-FORKED-18x")
    s.must_not("DLG-RINGING", "TEL-180-TIMER")


def test_the_other_answers(s):
    """the 200 has the SDP of the fork that answers, whoever was heard before"""
    f = Forks(s)
    f.say(183, "a", 42000)
    ours, media = f.hear(183)
    equal(media, 42000, "port of the 183")
    f.say(180, "b")
    equal(f.hear(180), (ours, None), "180")
    equal(f.answer("b", 43000), (ours, 43000), "200")
    f.end()
    s.must("DLG-FORKED-18x")


def test_kept(s):
    """kept: each fork has a tag of its own, and the 200 that of its fork"""
    f = Forks(s, forks="keep")
    f.say(183, "a", 42000)
    a, media = f.hear(183)
    equal(media, 42000, "port of the first")
    f.say(183, "b", 43000)
    b, media = f.hear(183)
    equal(media, 43000, "port of the second")
    check(a != b, "both forks have one tag")
    equal(f.answer("b", 43000), (b, 43000), "200")
    f.end()
    s.must("DLG-FORKED-18x", kind="kept")


def test_one(s):
    """a callee that does not fork is not called one that does"""
    f = Forks(s)
    f.say(180, "a")
    f.hear(180)
    f.say(183, "a", 42000)
    f.hear(183)
    f.answer("a", 42000)
    f.end()
    s.must_not("DLG-FORKED-18x")
