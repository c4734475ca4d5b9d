"""A network that loses, reorders and doubles: every call ends as it was meant to.

CORDON_LOSS_CALLS calls (200) are made, re-negotiated, transferred and hung up.
"""

import itertools
import os
import random

from agent import Agent, Dialog, Loop, cancel, seed
from border import BUILD, check, equal
from sip import offer, parameter, user_of

CALLS = int(os.environ.get("CORDON_LOSS_CALLS", "200"))
RATE = 40            # calls a second
T1, T2 = 0.1, 0.8
PAUSE = 0.3          # between the steps of a call
TRIES = 8            # of a request that crosses another
BROKEN = 90          # seconds after which a call counts as stuck
FAULTS = ("--loss", "10", "--reorder", "5", "--duplicate", "5")


class Story:
    """One call: up, a re-INVITE, a blind transfer, and all hang up."""

    def __init__(self, world, number):
        self.world, self.number = world, number
        self.loop = world.loop
        self.outcome = None
        self.said = 0             # the last NOTIFY's status
        self.step = "INVITE"      # that was begun last
        self.callee = self.target = None
        self.gone = set()
        self.leaving = False
        self.quiet = None         # the callee's time to hang up
        self.stuck = self.loop.after(BROKEN, self.is_stuck)
        self.caller = world.pbx.invite(
            world.dial("44", number), offer(world.pbx.host), self.answered,
            self.caller_asked)

    # -- as the caller, who transfers --

    def answered(self, response):
        if response is None:
            return self.end("no answer to INVITE")
        if response.status < 200:
            return None
        if response.status >= 300:
            return self.end(f"INVITE refused with {response.status}")
        self.loop.after(PAUSE, self.reinvite)
        return self.caller.ack(response)

    def ask(self, method, step, then, fields=(), body=b""):
        """A request inside the call, once more after a while where another one
        crosses it (RFC 3261 section 14.1)."""
        tries = itertools.count()

        def send():
            self.step = step
            self.caller.request(method, done, fields, body)

        def done(response):
            if response is None:
                return self.end(f"no answer to {step}")
            if response.status < 200:
                return None
            if response.status in (491, 500) and next(tries) < TRIES:
                self.loop.after(random.uniform(0.3, 1.0), send)
                return None
            if response.status >= 300:
                return self.end(f"{step} refused with {response.status}")
            then()
            return self.caller.ack(response) if method == "INVITE" else None

        send()

    def reinvite(self):
        self.ask("INVITE", "re-INVITE",
                 lambda: self.loop.after(PAUSE, self.refer),
                 body=offer(self.world.pbx.host, 40002, 2))

    def refer(self):
        self.ask("REFER", "REFER", lambda: None,
                 [("Refer-To", f"<{self.world.dial('45', self.number)}>")])

    def caller_asked(self, server):
        request = server.request
        self.caller.reply(server, 200)
        if request.method == "NOTIFY":
            self.notified(request)
        elif request.method == "BYE":
            # The last NOTIFY may still be on its way: then it comes too late.
            if self.step == "REFER" and self.target:
                self.said = 200
            self.left("caller")

    def notified(self, notify):
        status = int(notify.body.split()[1])
        if status < 200:
            return
        self.said = status
        if status != 200:
            self.end(f"transfer failed with {status}")
        elif self.number % 2 == 0:
            self.loop.after(PAUSE, self.caller_leaves)

    def caller_leaves(self):
        if "caller" not in self.gone and not self.leaving:
            self.leaving = True
            self.caller.request("BYE", lambda r: self.left("caller", r))

    # -- as the callee, and as the target --

    def called(self, server, who):
        dialog = Dialog.answered_to(server, lambda s: self.asked(s, who))
        setattr(self, who, dialog)
        dialog.reply(server, 180)
        port = 41000 if who == "callee" else 42000
        dialog.reply(server, 200, offer(self.world.carrier.host, port),
                     self.settled)

    def asked(self, server, who):
        dialog = getattr(self, who)
        if server.request.method == "INVITE":
            cancel(self.quiet)
            dialog.reply(server, 200, offer(
                self.world.carrier.host, 41000 if who == "callee" else 42000,
                server.request.cseq + 1), self.settled)
            return
        dialog.reply(server, 200)
        if server.request.method == "BYE":
            self.left(who)

    def settled(self, ack):
        if ack is None:
            self.end("no ACK")
        else:
            self.look()

    # -- the end --

    def left(self, who, response=None):
        if response is not None and response.status < 200:
            return
        self.gone.add(who)
        if self.gone == {"caller", "callee", "target"}:
            self.end("as intended" if self.said == 200
                     else f"ended early, in {self.step}")
        else:
            self.look()

    def look(self):
        """The transferred party hangs up once nothing moves any more."""
        if self.said == 200 and self.gone == {"caller"} and self.callee:
            cancel(self.quiet)
            self.quiet = self.loop.after(4 * PAUSE, self.callee_leaves)

    def callee_leaves(self):
        self.callee.request("BYE", lambda r: self.left("callee", r))

    def is_stuck(self):
        self.end(f"stuck in {self.step}, told {self.said}, gone: "
                 + ", ".join(sorted(self.gone)))

    def end(self, outcome):
        """Whatever is still up is hung up."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        cancel(self.stuck)
        self.world.ended(self)
        for who in ("caller", "callee", "target"):
            dialog = getattr(self, who)
            if who not in self.gone and dialog is not None \
                    and dialog.remote_cseq + dialog.cseq > 0:
                dialog.request("BYE", lambda r: None)


class World:
    def __init__(self, s):
        self.loop = Loop()
        self.number = 0
        self.stories, self.outcomes = {}, {}
        self.border = s.inside
        self.pbx = Agent(self.loop, s.ip(2), 5060, (s.ip(5), 5060),
                         (s.ip(5), 5060), T1, T2)
        self.carrier = Agent(self.loop, s.ip(3), 5060, (s.ip(6), 5060),
                             (s.ip(6), 5060), T1, T2)
        s.actor(self.pbx)
        s.actor(self.carrier)
        self.carrier.on_invite = self.incoming

    def dial(self, prefix, number):
        return f"sip:+{prefix}2{number:09d}@{self.border[0]}:5060"

    def incoming(self, server):
        user = user_of(server.request.uri)
        story = self.stories.get(int(user[4:]))
        if story is None:
            server.reply(404)
        else:
            story.called(server, "callee" if user[1:3] == "44" else "target")

    def begin_next(self):
        self.stories[self.number] = Story(self, self.number)
        self.number += 1
        if self.number < CALLS:
            self.loop.after(1 / RATE, self.begin_next)

    def ended(self, story):
        self.outcomes[story.outcome] = self.outcomes.get(story.outcome, 0) + 1

    def over(self):
        return sum(self.outcomes.values()) == CALLS


def listens(host, port):
    """True once a UDP socket is bound there: before, a datagram is refused."""
    address = bytes(int(b) for b in reversed(host.split("."))).hex().upper()
    with open("/proc/net/udp", encoding="ascii") as f:
        return any(line.split()[1] == f"{address}:{port:04X}" for line in f)


def bad_network(s):
    relay = os.path.join(BUILD, "t", "peer", "relay")
    for last, caller, callee in ((5, s.ip(2), s.ip(1)), (6, s.ip(4), s.ip(3))):
        s.background([relay, "--listen", f"{s.ip(last)}:5060",
                      "--caller", f"{caller}:5060",
                      "--callee", f"{callee}:5060",
                      "--seed", str(seed() + last), *FAULTS])
        s.wait_until(lambda: listens(s.ip(last), 5060), "the relay listens")


def test_loss(s):
    """10 % lost each way, 5 % late and doubled: each call ends as intended"""
    s.config["sip"] = {"t1": "100ms", "t2": "800ms", "t4": "1s"}
    s.config["journal"]["memory"] = 256
    s.trunk("pbx").update({"peers": [f"{s.ip(5)}:5060"], "transfer": "local"})
    s.trunk("carrier")["peers"] = [f"{s.ip(6)}:5060"]
    s.start()
    bad_network(s)
    world = World(s)
    world.begin_next()
    world.loop.run(world.over, BROKEN + CALLS / RATE + 30)
    print(f"# {CALLS} calls, seed {seed()}: {world.outcomes}")
    equal(sum(world.outcomes.values()), CALLS, "calls with an end")
    check(world.outcomes.get("as intended", 0) >= 0.999 * CALLS,
          f"outcomes: {world.outcomes}")
    s.wait_until(lambda: nothing_left(s, world), "no call and no leg is left",
                 30)
    check(counter(s, "transaction.retransmissions_in") > CALLS / 5,
          "the network lost nothing")
    equal(world.pbx.unexpected + world.carrier.unexpected, [], "unexpected")


def counter(s, name):
    return next(c["value"] for c in s.control_json("counters")
                if c["counter"] == name)


def nothing_left(s, world):
    """What was lost at the end comes again meanwhile."""
    world.loop.run(lambda: False, 2 * T2)
    return not s.control_json("calls") and not any(
        t["calls"] for t in s.control_json("trunks"))
