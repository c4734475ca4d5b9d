"""A storm of REFERs changes nothing for other calls."""

from agent import Agent, Dialog, Loop
from border import check, equal
from sip import offer, user_of

PLAIN, TARGET = "44", "45"  # who answers, and who is busy
HOLD = 0.2                  # seconds that a call of others lasts
OTHERS = 20                 # of them a second


class World:
    """A PBX with calls that are transferred and others, and their carrier."""

    def __init__(self, s):
        self.loop = Loop()
        self.border = s.inside
        self.pbx = s.actor(Agent(self.loop, s.ip(2), 5060, s.inside,
                                 (s.ip(2), 5060)))
        self.carrier = s.actor(Agent(self.loop, s.ip(3), 5060, s.outside,
                                     (s.ip(3), 5060)))
        self.carrier.on_invite = self.incoming
        self.calls = {}
        self.targets = 0       # INVITEs that came of a REFER
        self.statuses = {}     # of the REFERs
        self.told = []         # last NOTIFYs
        self.begun = self.ended = 0
        self.number = 0

    def dial(self, prefix):
        self.number += 1
        return (f"sip:+{prefix}2{self.number:09d}"
                f"@{self.border[0]}:{self.border[1]}")

    def incoming(self, server):
        dialog = Dialog.answered_to(server, lambda s: dialog.reply(s, 200))
        if user_of(server.request.uri)[1:3] == TARGET:
            self.targets += 1
            dialog.reply(server, 486)
        else:
            dialog.reply(server, 200, offer(self.carrier.host, 41000))

    def up(self, then):
        """A call; `then` is called with its dialog once it is answered."""
        def answered(response):
            if response is None or response.status < 200:
                return None
            equal(response.status, 200, "answer to an INVITE")
            self.loop.after(0, lambda: then(dialog))
            return dialog.ack(response)
        dialog = self.pbx.invite(self.dial(PLAIN), offer(self.pbx.host),
                                 answered, lambda s: self.asked(dialog, s))

    def asked(self, dialog, server):
        dialog.reply(server, 200)
        if server.request.has("Subscription-State") \
                and "terminated" in server.request.get("Subscription-State"):
            self.told.append(int(server.request.body.split()[1]))

    def refer(self, dialog):
        def done(response):
            if response is None or response.status >= 200:
                status = response.status if response else 0
                self.statuses[status] = self.statuses.get(status, 0) + 1
        dialog.request("REFER", done,
                       [("Refer-To", f"<{self.dial(TARGET)}>")])

    def referred(self):
        return sum(self.statuses.values())

    def accepted(self):
        return self.statuses.get(202, 0)

    def hang_up(self, dialog):
        def done(response):
            equal(response and response.status, 200, "answer to a BYE")
            self.ended += 1
        dialog.request("BYE", done)

    def others(self, seconds):
        """Calls that have nothing to do with it, for so long."""
        def held(dialog):
            self.loop.after(HOLD, lambda: self.hang_up(dialog))
        for i in range(int(seconds * OTHERS)):
            self.begun += 1
            self.loop.after(i / OTHERS, lambda: self.up(held))

    def until(self, condition, what, wait=20):
        self.loop.run(condition, wait)
        check(condition(), f"never: {what}")


def begin(s):
    s.trunk("pbx")["transfer"] = "local"
    s.start()
    return World(s)


def judge(s, w, referred, dialogs):
    """Each REFER has an answer, none more than one INVITE, and all the calls are
    as they were."""
    w.until(lambda: w.referred() == referred, "an answer to each REFER")
    w.until(lambda: w.targets == w.accepted()
            and len(w.told) == w.accepted(), "the end of each transfer")
    equal(set(w.statuses) <= {202, 482, 491}, True, f"{w.statuses}")
    equal(set(w.told), {486}, "what was told")
    w.until(lambda: w.ended == w.begun, "the end of the other calls")
    for dialog in dialogs:
        w.hang_up(dialog)
    w.until(lambda: w.ended == w.begun + len(dialogs), "the end of all calls")
    equal(w.pbx.unexpected + w.carrier.unexpected, [], "unexpected")
    print(f"# {w.statuses}, {w.targets} INVITEs, {w.begun} other calls")
    s.must_not("NET-NO-REPLY", "OVERLOAD-SHED", "INT-SHORTAGE")


def test_one_dialog(s):
    """50 REFERs in one dialog at once: one transfer at a time, the call stays"""
    w = begin(s)
    dialogs = []
    w.others(1)
    w.up(dialogs.append)
    w.until(lambda: dialogs, "the call")
    for _ in range(50):
        w.refer(dialogs[0])
    judge(s, w, 50, dialogs)
    check(w.accepted() <= 5, f"transfers of one call: {w.statuses}")


def test_hundred_dialogs(s):
    """100 REFERs a second over 100 dialogs, for three seconds"""
    w = begin(s)
    dialogs = []
    for i in range(100):
        w.loop.after(i / 100, lambda: w.up(dialogs.append))
    w.until(lambda: len(dialogs) == 100, "the calls")
    w.others(3)
    for i in range(300):
        w.loop.after(i / 100, lambda i=i: w.refer(dialogs[i % 100]))
    judge(s, w, 300, dialogs)
    equal(w.accepted(), 300, "transfers")
