"""A user agent over UDP that sends again, for networks that lose.

The client and server transactions of RFC 3261 section 17 with RFC 6026, dialogs on
top of them, and one loop for the timers and sockets of many agents. What an agent
does with a request or a response is said by functions that it is given; nothing
waits.
"""

import heapq
import itertools
import os
import select
import socket
import time

from sip import Message, parameter, response_to, unique, uri_of


class Loop:
    def __init__(self):
        self.timers = []
        self.order = itertools.count()
        self.agents = {}
        self.poll = select.poll()

    def after(self, seconds, function):
        """Calls the function later; returns what cancel() takes."""
        timer = [time.monotonic() + seconds, next(self.order), function]
        heapq.heappush(self.timers, timer)
        return timer

    def add(self, agent):
        self.agents[agent.socket.fileno()] = agent
        self.poll.register(agent.socket, select.POLLIN)

    def run(self, over, wait):
        """Until over() is true, or for that many seconds."""
        deadline = time.monotonic() + wait
        while not over() and time.monotonic() < deadline:
            self.turn()

    def turn(self):
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            function = heapq.heappop(self.timers)[2]
            if function is not None:
                function()
        wait = self.timers[0][0] - time.monotonic() if self.timers else 0.1
        for fd, _ in self.poll.poll(max(0, min(0.1, wait)) * 1000):
            self.agents[fd].read()


def cancel(timer):
    if timer is not None:
        timer[2] = None


class Repeat:
    """Bytes that are sent at growing intervals until somebody stops it."""

    def __init__(self, agent, data, most, lost):
        self.agent, self.data, self.most = agent, data, most
        self.interval = agent.t1
        self.lost = lost
        self.timer = None
        self.limit = agent.loop.after(64 * agent.t1, self.give_up)
        self.again()

    def again(self):
        self.agent.transmit(self.data)
        self.timer = self.agent.loop.after(self.interval, self.again)
        self.interval = min(2 * self.interval, self.most)

    def pause(self):
        """It has arrived: what matters now is the answer."""
        cancel(self.timer)
        cancel(self.limit)

    stop = pause

    def give_up(self):
        cancel(self.timer)
        self.lost()


class Client:
    """A request of ours. `done` gets each provisional response, the final one, or
    None when none came; from a 2xx to INVITE it returns the ACK."""

    def __init__(self, agent, request, done):
        self.agent, self.request, self.done = agent, request, done
        self.over = False
        self.ack = None
        self.key = (parameter(request.get("Via"), "branch"), request.method)
        agent.clients[self.key] = self
        invite = request.method == "INVITE"
        self.repeat = Repeat(agent, bytes(request), 64 if invite else agent.t2,
                             self.lost)

    def lost(self):
        self.finish()
        self.done(None)

    def finish(self):
        """Answers that come again are absorbed for a while."""
        self.over = True
        self.agent.loop.after(64 * self.agent.t1, self.forget)

    def forget(self):
        self.agent.clients.pop(self.key, None)

    def got(self, response):
        if self.over:
            if self.ack is not None and response.status >= 200:
                self.agent.transmit(self.ack)
            return
        if response.status < 200:
            if self.request.method == "INVITE":
                self.repeat.pause()
            self.done(response)
            return
        self.repeat.stop()
        self.finish()
        if self.request.method == "INVITE" and response.status >= 300:
            self.send_ack(self.ack_failure(response))
        ack = self.done(response)
        if ack is not None:
            self.send_ack(ack)

    def send_ack(self, ack):
        self.ack = bytes(ack)
        self.agent.transmit(self.ack)

    def ack_failure(self, response):
        invite = self.request
        return Message(f"ACK {invite.uri} SIP/2.0", [
            ("Via", invite.get("Via")), ("Max-Forwards", "70"),
            *[("Route", r) for r in invite.all("Route")],
            ("From", invite.get("From")), ("To", response.get("To")),
            ("Call-ID", invite.get("Call-ID")),
            ("CSeq", f"{invite.cseq} ACK")])


class Server:
    """A request of the peer."""

    def __init__(self, agent, request):
        self.agent, self.request = agent, request
        self.response = None
        self.final = False
        self.repeat = None
        self.acked = None  # called with the ACK, or with None: none came
        self.key = server_key(request)
        agent.servers[self.key] = self
        agent.loop.after(130 * agent.t1, self.forget)

    def forget(self):
        self.agent.servers.pop(self.key, None)

    def again(self):
        if self.response is not None:
            self.agent.transmit(self.response)

    def reply(self, status, fields=(), body=b"", tag=None, acked=None):
        response = response_to(self.request, status, fields, body, tag)
        self.response = bytes(response)
        self.final = status >= 200
        if self.request.method == "INVITE" and status >= 200:
            self.acked = acked
            if status < 300:
                self.agent.unacked[ack_key(self.request)] = self
            self.repeat = Repeat(self.agent, self.response, self.agent.t2,
                                 self.not_acked)
        else:
            self.agent.transmit(self.response)
        return response

    def got_ack(self, ack):
        if self.repeat is None:
            return
        self.repeat.stop()
        self.repeat = None
        self.agent.unacked.pop(ack_key(self.request), None)
        if self.acked is not None:
            self.acked(ack)

    def not_acked(self):
        self.got_ack(None)


def server_key(request):
    via = request.get("Via")
    method = "INVITE" if request.method == "ACK" else request.method
    return parameter(via, "branch"), via.split(";")[0], method


def ack_key(request):
    return (request.get("Call-ID"), parameter(request.get("From"), "tag"),
            request.cseq)


class Agent:
    """One socket. `shown` is the address in Contact: that of the network before
    it."""

    def __init__(self, loop, host, port, peer, shown, t1=0.5, t2=4.0):
        self.loop, self.host, self.port = loop, host, port
        self.peer, self.shown = peer, shown
        self.t1, self.t2 = t1, t2
        self.clients, self.servers, self.unacked = {}, {}, {}
        self.dialogs = {}
        self.on_invite = None   # called with the Server of a new call
        self.unexpected = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self.socket.setblocking(False)
        self.socket.bind((host, port))
        loop.add(self)

    def close(self):
        self.socket.close()

    @property
    def contact(self):
        return f"<sip:agent@{self.shown[0]}:{self.shown[1]}>"

    def via(self):
        return (f"SIP/2.0/UDP {self.host}:{self.port}"
                f";branch=z9hG4bK{unique()};rport")

    def transmit(self, data):
        try:
            self.socket.sendto(data, self.peer)
        except (BlockingIOError, ConnectionRefusedError):
            pass  # lost, as on any network

    def read(self):
        while True:
            try:
                raw = self.socket.recv(65536)
            except BlockingIOError:
                return
            except ConnectionRefusedError:
                continue
            self.got(Message.parse(raw))

    def got(self, message):
        if not message.is_request:
            key = (parameter(message.get("Via"), "branch"), message.method)
            client = self.clients.get(key)
            if client is not None:
                client.got(message)
            return
        server = self.servers.get(server_key(message))
        if message.method == "ACK":
            server = self.unacked.get(ack_key(message), server)
            if server is not None:
                server.got_ack(message)
        elif server is not None:
            server.again()
        elif message.method == "CANCEL":
            self.cancelled(Server(self, message))
        else:
            self.dispatch(Server(self, message))

    def cancelled(self, server):
        branch, via, _ = server_key(server.request)
        invite = self.servers.get((branch, via, "INVITE"))
        server.reply(200 if invite is not None else 481)
        if invite is not None and not invite.final:
            invite.reply(487)

    def dispatch(self, server):
        request = server.request
        tag = parameter(request.get("To"), "tag")
        dialog = self.dialogs.get(tag)
        if dialog is not None and request.cseq > dialog.remote_cseq:
            dialog.remote_cseq = request.cseq
            dialog.on_request(server)
        elif dialog is not None:
            server.reply(500)
        elif tag is None and request.method == "INVITE" and self.on_invite:
            self.on_invite(server)
        elif tag is None and request.method == "OPTIONS":
            server.reply(200)
        else:
            self.unexpected.append(request)
            server.reply(481)

    def invite(self, uri, body, done, on_request, fields=()):
        """Begins a call; its dialog."""
        dialog = Dialog(self, on_request)
        dialog.call_id = f"{unique('c')}@{self.host}"
        dialog.local = f"<sip:agent@{self.host}>;tag={dialog.tag}"
        dialog.remote = f"<{uri}>"
        dialog.target = uri
        dialog.request("INVITE", done, fields, body)
        return dialog


class Dialog:
    """One end of a call; on_request gets the Server of each request in it."""

    def __init__(self, agent, on_request):
        self.agent, self.on_request = agent, on_request
        self.tag = unique("t")
        self.cseq = self.remote_cseq = 0
        self.route = []
        agent.dialogs[self.tag] = self

    @classmethod
    def answered_to(cls, server, on_request):
        """Of the callee, from the INVITE that it is going to answer."""
        invite = server.request
        dialog = cls(server.agent, on_request)
        dialog.call_id = invite.get("Call-ID")
        dialog.local = f"{invite.get('To')};tag={dialog.tag}"
        dialog.remote = invite.get("From")
        dialog.target = uri_of(invite.get("Contact"))
        dialog.route = invite.list("Record-Route")
        dialog.remote_cseq = invite.cseq
        return dialog

    def take_answer(self, response):
        self.remote = response.get("To")
        self.target = uri_of(response.get("Contact"))
        if not self.route:
            self.route = list(reversed(response.list("Record-Route")))

    def message(self, method, fields=(), body=b"", cseq=None):
        out = [("Via", self.agent.via()), *[("Route", r) for r in self.route],
               ("Max-Forwards", "70"), ("From", self.local),
               ("To", self.remote), ("Call-ID", self.call_id),
               ("CSeq", f"{cseq or self.cseq} {method}"),
               ("Contact", self.agent.contact), *fields]
        if body:
            out.append(("Content-Type", "application/sdp"))
        return Message(f"{method} {self.target} SIP/2.0", out, body)

    def request(self, method, done, fields=(), body=b""):
        self.cseq += 1
        message = self.message(method, fields, body)
        return Client(self.agent, message, done)

    def ack(self, response):
        """The ACK to a 2xx of ours, for Client."""
        self.take_answer(response)
        return self.message("ACK", cseq=response.cseq)

    def reply(self, server, status, body=b"", acked=None, fields=()):
        fields = list(fields)
        if server.request.method == "INVITE" and status < 300:
            fields.append(("Contact", self.agent.contact))
            if status >= 200:
                self.target = uri_of(server.request.get("Contact"))
        return server.reply(status, fields, body, self.tag, acked)


def seed():
    """Of the networks: the same again with CORDON_SEED."""
    return int(os.environ.get("CORDON_SEED", os.getpid()))
