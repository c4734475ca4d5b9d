"""A transfer as its parties see it: REFER, NOTIFYs, and whose media they hear."""

import re

import sip
from sip import Failure

DONE = "terminated;reason=noresource"


def equal(got, expected, what):
    if got != expected:
        raise Failure(f"{what} is {got!r}, expected {expected!r}")


class Transferor:
    """One end of a call that asks for a transfer."""

    def __init__(self, call):
        self.call, self.endpoint = call, call.endpoint

    def refer(self, target, fields=()):
        """Asks for it; `target` is the URI in the Refer-To."""
        return self.call.request(
            "REFER", [("Refer-To", f"<{target}>"), *fields])

    def accepted(self):
        answer = self.endpoint.expect((202, "REFER"))
        if not answer.has("Contact"):
            raise Failure("no Contact in the 202")
        return answer

    def refused(self, status):
        return self.endpoint.expect((status, "REFER"))

    def notified(self, status, last=False, answer=200):
        """The next message is a NOTIFY with that status."""
        notify = self.endpoint.expect("NOTIFY")
        equal(notify.get("Event").split(";")[0], "refer", "Event")
        equal(notify.get("Content-Type"), "message/sipfrag;version=2.0",
              "Content-Type")
        state = notify.get("Subscription-State")
        if last:
            equal(state, DONE, "Subscription-State")
        elif not re.match(r"active;expires=\d+$", state):
            raise Failure(f"Subscription-State is {state!r}")
        line = notify.body.decode().split("\r\n")[0]
        if not re.match(rf"SIP/2\.0 {status} \w", line):
            raise Failure(f"the NOTIFY tells {line!r}, expected {status}")
        if answer:
            self.endpoint.reply(notify, answer)
        return notify


def settle(caller, uri):
    """The border has the caller's ACK: what comes behind it is answered."""
    equal(caller.options(uri).status, 200, "status of OPTIONS")


def replaces(call):
    """The dialog of that call, made by its caller, as headers of a Refer-To."""
    to = sip.parameter(call.answer.get("To"), "tag")
    tag = sip.parameter(call.invite.get("From"), "tag")
    call_id = call.invite.get("Call-ID").replace("@", "%40")
    return f"Replaces={call_id}%3Bto-tag%3D{to}%3Bfrom-tag%3D{tag}"


def media(message):
    """(address, port) of the audio that a message describes."""
    host = message.sdp("c")[0].split()[2]
    return host, int(message.sdp("m")[0].split()[1])


def accept(endpoint, port, what="INVITE"):
    """Answers the next offer inside a dialog; returns it once it has its ACK."""
    offer = endpoint.expect(what)
    endpoint.reply(offer, 200, [("Contact", endpoint.contact())],
                   sip.offer(endpoint.host, port))
    endpoint.expect("ACK")
    return offer


class Watch:
    """Keeps what actors get: each dialog's session descriptions, each method."""

    def __init__(self, *actors):
        self.sessions, self.methods = {}, {}
        for actor in actors:
            self.attach(actor)

    def attach(self, actor):
        usual = actor.next_message
        methods = self.methods.setdefault(actor, [])

        def kept(deadline):
            message = usual(deadline)
            if message is not None and message.is_request:
                methods.append(message.method)
            if message is not None and message.sdp("o"):
                self.sessions.setdefault(
                    (actor, message.get("Call-ID")), []).append(message)
            return message
        actor.next_message = kept

    def never(self, actor, *methods):
        for method in methods:
            if method in self.methods[actor]:
                raise Failure(f"{method} came to {actor.address}")

    def judge(self):
        """RFC 3264 section 8 for what each peer was told in each dialog."""
        for messages in self.sessions.values():
            for before, after in zip(messages, messages[1:]):
                judge_next(before, after)


def judge_next(before, after):
    old, new = (m.sdp("o")[0].split() for m in (before, after))
    equal(new[:2] + new[3:], old[:2] + old[3:], "o= but for its version")
    same = without_origin(before) == without_origin(after)
    grown = int(new[2]) - int(old[2])
    if same and grown != 0:
        raise Failure(f"the version grows for the same body:\n{after}")
    if not same and grown != 1:
        raise Failure(f"the version grows by {grown} for another body:\n"
                      f"{before}\n{after}")
    if len(after.sdp("m")) < len(before.sdp("m")):
        raise Failure(f"an m-line is gone:\n{before}\n{after}")


def without_origin(message):
    return [l for l in message.body.split(b"\r\n") if l[:2] != b"o="]
