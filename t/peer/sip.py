"""SIP actors for the tests: messages, endpoints over UDP, TCP and TLS, calls.

Every wait has a deadline and ends as soon as what is waited for is there. An actor
sends each message once: the loopback loses nothing, and a retransmission that
comes in is the same bytes again and is skipped.
"""

import itertools
import os
import select
import socket
import ssl
import subprocess
import time

WAIT = float(os.environ.get("CORDON_TEST_WAIT", "5"))

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact",
           "c": "content-type", "l": "content-length", "k": "supported",
           "s": "subject", "e": "content-encoding", "r": "refer-to",
           "b": "referred-by", "o": "event", "u": "allow-events",
           "x": "session-expires"}

PHRASES = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK",
           202: "Accepted", 302: "Moved Temporarily", 400: "Bad Request",
           403: "Forbidden", 404: "Not Found", 408: "Request Timeout",
           480: "Temporarily Unavailable", 481: "Call Does Not Exist",
           486: "Busy Here", 487: "Request Terminated",
           488: "Not Acceptable Here", 500: "Server Internal Error",
           503: "Service Unavailable", 603: "Decline"}

counter = itertools.count(1)


class Failure(Exception):
    """What a scenario expected did not happen."""


class Timeout(Failure):
    """Nothing came in time."""


def unique(prefix=""):
    return f"{prefix}{os.getpid():x}{next(counter):04x}"


# -- messages -----------------------------------------------------------------

class Message:
    """A SIP message; header fields keep their order, spelling and values."""

    def __init__(self, start, fields=(), body=b""):
        self.start = start
        self.fields = [tuple(f) for f in fields]
        self.body = body if isinstance(body, bytes) else body.encode()
        self.raw = b""
        self.source = None      # (host, port) that it came from
        self.connection = None  # stream that it came on

    @classmethod
    def parse(cls, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = []
        for line in head.decode("utf-8", "surrogateescape").split("\r\n"):
            if line[:1] in (" ", "\t") and lines:
                lines[-1] += " " + line.strip()
            else:
                lines.append(line)
        fields = []
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields.append((name.strip(), value.strip()))
        message = cls(lines[0], fields, body)
        message.raw = raw
        return message

    def __bytes__(self):
        fields = [f for f in self.fields
                  if key_of(f[0]) != "content-length"]
        fields.append(("Content-Length", str(len(self.body))))
        head = "\r\n".join([self.start] + [f"{n}: {v}" for n, v in fields])
        return head.encode("utf-8", "surrogateescape") + b"\r\n\r\n" + self.body

    def __str__(self):
        return (self.raw or bytes(self)).decode("utf-8", "backslashreplace")

    @property
    def is_request(self):
        return not self.start.startswith("SIP/2.0 ")

    @property
    def method(self):
        """Of the request, or of the request that a response answers."""
        if self.is_request:
            return self.start.split(" ", 1)[0]
        return self.get("CSeq").split()[1]

    @property
    def uri(self):
        return self.start.split(" ")[1]

    @property
    def status(self):
        return 0 if self.is_request else int(self.start.split(" ")[1])

    @property
    def cseq(self):
        return int(self.get("CSeq").split()[0])

    def all(self, name):
        """All values of a header field, one a line."""
        return [v for n, v in self.fields if key_of(n) == key_of(name)]

    def get(self, name, default=None):
        values = self.all(name)
        return values[0] if values else default

    def has(self, name):
        return bool(self.all(name))

    def list(self, name):
        """The values of a comma-separated header, over all its lines."""
        return [v for line in self.all(name) for v in split_list(line)]

    def set(self, name, value):
        self.remove(name)
        self.fields.append((name, value))
        return self

    def remove(self, name):
        self.fields = [f for f in self.fields if key_of(f[0]) != key_of(name)]

    def sdp(self, kind):
        """Values of the body's lines of one kind: sdp("c")."""
        lines = self.body.decode("utf-8", "surrogateescape").splitlines()
        return [l[2:] for l in lines if l.startswith(kind + "=")]


def key_of(name):
    name = name.lower()
    return COMPACT.get(name, name)


def split_list(value):
    """Splits at commas outside of quotes and angle brackets."""
    parts, depth, quoted, start, skip = [], 0, False, 0, False
    for i, c in enumerate(value):
        if skip:
            skip = False
        elif quoted:
            skip = c == "\\"
            quoted = c != '"'
        elif c == '"':
            quoted = True
        elif c in "<>":
            depth += 1 if c == "<" else -1
        elif c == "," and depth == 0:
            parts.append(value[start:i].strip())
            start = i + 1
    parts.append(value[start:].strip())
    return [p for p in parts if p]


def uri_of(name_addr):
    """The URI of a name-addr or addr-spec."""
    if "<" in name_addr:
        return name_addr.split("<", 1)[1].split(">", 1)[0]
    return name_addr.split(";", 1)[0].strip()


def parameter(value, name):
    """A header parameter behind the URI, None without it."""
    tail = value.rsplit(">", 1)[-1] if ">" in value else value
    for part in tail.split(";")[1:]:
        key, _, val = part.partition("=")
        if key.strip().lower() == name:
            return val.strip()
    return None


def host_of(uri):
    """Host of a SIP URI, without port."""
    rest = uri.split(":", 1)[1].split("@")[-1]
    rest = rest.split(";")[0].split("?")[0]
    if rest.startswith("["):
        return rest.split("]")[0] + "]"
    return rest.split(":")[0]


def user_of(uri):
    rest = uri.split(":", 1)[1]
    return rest.split("@")[0] if "@" in rest else ""


def offer(host, port=40000, version=1, codecs="0 8 101"):
    kind = "IP6" if ":" in host else "IP4"
    return (f"v=0\r\no=- 7 {version} IN {kind} {host}\r\ns=-\r\n"
            f"c=IN {kind} {host}\r\nt=0 0\r\nm=audio {port} RTP/AVP {codecs}\r\n"
            "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"
            "a=ptime:20\r\n")


# -- endpoints ----------------------------------------------------------------

class Endpoint:
    """Where an actor's messages go out and come in."""

    transport = "UDP"

    def __init__(self, host, port, peer):
        self.host, self.port, self.peer = host, port, peer
        self.seen = set()
        self.answers_options = True

    @property
    def address(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    def receive(self, wait=None):
        """The next message that is not a retransmission; Timeout without."""
        deadline = time.monotonic() + (WAIT if wait is None else wait)
        while True:
            message = self.next_message(deadline)
            if message is None:
                raise Timeout(f"nothing came to {self.address}")
            if message.raw in self.seen:
                continue
            self.seen.add(message.raw)
            if message.is_request and message.method == "OPTIONS" \
                    and self.answers_options:
                self.reply(message, 200)
                continue
            return message

    def take(self):
        """The next message that is there and no retransmission, or None."""
        try:
            return self.receive(0)
        except Timeout:
            return None

    def expect(self, what, wait=None):
        """The next message, which must be `what`: a method, a status, or a
        status and a method. Provisional responses before a final one that is
        expected, or before what a function looks for, are skipped."""
        deadline = time.monotonic() + (WAIT if wait is None else wait)
        while True:
            left = max(0.0, deadline - time.monotonic())
            try:
                message = self.receive(left)
            except Timeout as e:
                raise Timeout(f"{what} expected: {e}") from None
            if is_a(message, what):
                return message
            if 100 <= message.status < 200 and may_skip(what):
                continue
            raise Failure(f"{what} expected at {self.address}, got\n{message}")

    def silent(self, wait=0.3, but=()):
        """Fails when a message comes that is none of `but`. For what must not
        happen: put a request whose answer must come behind it where possible."""
        deadline = time.monotonic() + wait
        while True:
            try:
                message = self.receive(max(0.0, deadline - time.monotonic()))
            except Timeout:
                return
            if not any(is_a(message, what) for what in but):
                raise Failure(f"nothing expected at {self.address}, got\n"
                              f"{message}")

    def reply(self, request, status, fields=(), body=b"", tag=None,
              phrase=None):
        """Answers a request the way it came."""
        response = response_to(request, status, fields, body, tag, phrase)
        self.send(response, to=request)
        return response

    def via(self):
        return (f"SIP/2.0/{self.transport} {self.address}"
                f";branch=z9hG4bK{unique()};rport")

    def contact(self, user="actor"):
        tail = "" if self.transport == "UDP" \
            else f";transport={self.transport.lower()}"
        return f"<sip:{user}@{self.address}{tail}>"

    def request(self, method, uri, fields=(), body=b"", **defaults):
        """A request outside a dialog; `fields` replace what is usual."""
        usual = [
            ("Via", self.via()),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{defaults.get('user', 'actor')}@{self.address}>"
                     f";tag={unique('t')}"),
            ("To", f"<{uri}>"),
            ("Call-ID", f"{unique('c')}@{self.host}"),
            ("CSeq", f"1 {method}"),
            ("Contact", self.contact()),
        ]
        given = {key_of(n) for n, _ in fields}
        kept = [f for f in usual if key_of(f[0]) not in given]
        fields = kept + [f for f in fields if f[1] is not None]
        if body and "content-type" not in given:
            fields.append(("Content-Type", "application/sdp"))
        return Message(f"{method} {uri} SIP/2.0", fields, body)

    def options(self, uri, fields=(), wait=None):
        """Sends OPTIONS and returns its final answer."""
        request = self.request("OPTIONS", uri, fields)
        self.send(request)
        return self.expect_final(request, wait)

    def expect_final(self, request, wait=None):
        call_id = request.get("Call-ID")
        deadline = time.monotonic() + (WAIT if wait is None else wait)
        while True:
            message = self.receive(max(0.0, deadline - time.monotonic()))
            if message.status >= 200 and message.get("Call-ID") == call_id:
                return message

    def invite(self, uri, fields=(), body=None):
        """Starts a call and returns it."""
        if body is None:
            body = offer(self.host)
        request = self.request("INVITE", uri, fields, body)
        self.send(request)
        return Call(self, request)

    def incoming(self, wait=None):
        """Waits for an INVITE and returns its call."""
        return Call(self, self.expect("INVITE", wait), incoming=True)

    def send(self, message, to=None):
        raise NotImplementedError

    def next_message(self, deadline):
        raise NotImplementedError

    def close(self):
        raise NotImplementedError


def failure(message):
    """For expect(): a final response that is none of success."""
    return message.status >= 300


def is_a(message, what):
    if callable(what):
        return what(message)
    if isinstance(what, tuple):
        return (message.status, message.method) == what
    if isinstance(what, int):
        return message.status == what
    return message.is_request and message.method == what


def may_skip(what):
    if callable(what):
        return True
    status = what[0] if isinstance(what, tuple) else what
    return isinstance(status, int) and status != 100


def response_to(request, status, fields=(), body=b"", tag=None, phrase=None):
    copied = [f for f in request.fields
              if key_of(f[0]) in ("via", "from", "call-id", "cseq")]
    if status > 100:
        copied += [f for f in request.fields
                   if key_of(f[0]) == "record-route"]
    to = request.get("To")
    if status > 100 and parameter(to, "tag") is None:
        to += f";tag={tag or unique('t')}"
    given = {key_of(n) for n, _ in fields}
    out = [f for f in copied if key_of(f[0]) not in given]
    if "to" not in given:
        out.append(("To", to))
    out += [f for f in fields if f[1] is not None]
    if body and "content-type" not in given:
        out.append(("Content-Type", "application/sdp"))
    return Message(f"SIP/2.0 {status} {phrase or PHRASES.get(status, 'Other')}",
                   out, body)


class Udp(Endpoint):
    transport = "UDP"

    def __init__(self, host, port, peer):
        super().__init__(host, port, peer)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.bind((host, port))
        self.port = self.socket.getsockname()[1]

    def send(self, message, to=None):
        target = to.source if isinstance(to, Message) else to or self.peer
        self.socket.sendto(bytes(message), target)

    def next_message(self, deadline):
        while True:
            left = deadline - time.monotonic()
            if not select.select([self.socket], [], [], max(0.0, left))[0]:
                return None
            try:
                raw, source = self.socket.recvfrom(65536)
            except ConnectionRefusedError:
                continue  # an earlier datagram found nobody
            if len(raw) < 16:
                continue  # a keep-alive
            message = Message.parse(raw)
            message.source = source
            return message

    def close(self):
        self.socket.close()


class Connection:
    """One TCP or TLS connection and what was read of it so far."""

    def __init__(self, sock):
        self.socket = sock
        self.buffer = b""
        self.closed = False

    def fileno(self):
        return self.socket.fileno()

    def waiting(self):
        """Bytes that TLS has decrypted already: select does not see them."""
        return isinstance(self.socket, ssl.SSLSocket) \
            and self.socket.pending() > 0

    def read(self):
        try:
            raw = self.socket.recv(65536)
        except (ssl.SSLWantReadError, BlockingIOError):
            return
        except OSError:
            raw = b""
        if not raw:
            self.closed = True
        self.buffer += raw

    def cut(self):
        """The next whole message of the buffer, None without."""
        self.buffer = self.buffer.lstrip(b"\r\n")
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        message = Message.parse(self.buffer[:end + 4])
        length = end + 4 + int(message.get("Content-Length", "0"))
        if len(self.buffer) < length:
            return None
        message = Message.parse(self.buffer[:length])
        self.buffer = self.buffer[length:]
        message.connection = self
        return message

    def send(self, data):
        self.socket.sendall(data)

    def close(self):
        self.closed = True
        self.socket.close()


class Tcp(Endpoint):
    """Listens, and connects to the peer when it has something to send and no
    connection yet."""

    transport = "TCP"

    def __init__(self, host, port, peer):
        super().__init__(host, port, peer)
        self.connections = []
        self.failures = []  # handshakes that failed
        self.listener = socket.create_server((host, port))
        self.listener.setblocking(False)

    def wrap(self, sock, server):
        del server
        return sock

    def connect(self, local_port=0):
        sock = socket.create_connection(self.peer, WAIT,
                                        (self.host, local_port))
        sock.settimeout(WAIT)
        connection = Connection(self.wrap(sock, server=False))
        self.connections.append(connection)
        return connection

    def accept(self):
        try:
            sock, _ = self.listener.accept()
        except BlockingIOError:
            return
        sock.settimeout(WAIT)
        try:
            self.connections.append(Connection(self.wrap(sock, server=True)))
        except (OSError, ssl.SSLError) as e:
            self.failures.append(e)
            sock.close()

    def open_connections(self):
        self.connections = [c for c in self.connections if not c.closed]
        return self.connections

    def send(self, message, to=None):
        if isinstance(to, Message) and to.connection \
                and not to.connection.closed:
            connection = to.connection
        elif isinstance(to, Connection):
            connection = to
        else:
            connection = (self.open_connections() or [self.connect()])[-1]
        connection.send(bytes(message))

    def pump(self, deadline):
        """Waits for something to happen and takes it in; False at the
        deadline."""
        connections = self.open_connections()
        if any(c.waiting() for c in connections):
            ready = [c for c in connections if c.waiting()]
        else:
            left = max(0.0, deadline - time.monotonic())
            ready = select.select([self.listener, *connections], [], [],
                                  left)[0]
        for each in ready:
            if each is self.listener:
                self.accept()
            else:
                each.read()
        return bool(ready)

    def next_message(self, deadline):
        while True:
            for connection in self.connections:
                message = connection.cut()
                if message is not None:
                    return message
            if not self.pump(deadline):
                return None

    def expect_close(self, connection, wait=None):
        deadline = time.monotonic() + (WAIT if wait is None else wait)
        while not connection.closed:
            if not self.pump(deadline):
                raise Timeout("the connection was not closed")

    def expect_failure(self, wait=None):
        """A handshake that is refused, by either side."""
        deadline = time.monotonic() + (WAIT if wait is None else wait)
        while not self.failures:
            if not self.pump(deadline):
                raise Timeout("no handshake failed")
        return self.failures.pop(0)

    def close(self):
        for connection in self.connections:
            connection.close()
        self.listener.close()


class Tls(Tcp):
    """Mutual TLS: shows its certificate, and wants one of the same CA."""

    transport = "TLS"

    def __init__(self, host, port, peer, certificate, ca, server_name=None,
                 verify=True):
        super().__init__(host, port, peer)
        self.certificate, self.ca, self.verify = certificate, ca, verify
        self.server_name = server_name
        self.tune = lambda context: None  # versions, ciphers

    def context(self, server):
        purpose = ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT
        context = ssl.SSLContext(purpose)
        context.check_hostname = False
        if self.certificate is not None:
            context.load_cert_chain(*self.certificate)
        if self.verify:
            context.load_verify_locations(self.ca)
            context.verify_mode = ssl.CERT_REQUIRED
            context.check_hostname = not server and self.server_name is not None
        else:
            context.verify_mode = ssl.CERT_NONE
        self.tune(context)
        return context

    def wrap(self, sock, server):
        return self.context(server).wrap_socket(
            sock, server_side=server,
            server_hostname=None if server else self.server_name)

    def peer_serial(self, connection):
        return connection.socket.getpeercert()["serialNumber"]


# -- calls --------------------------------------------------------------------

class Call:
    """A dialog as one of its ends sees it."""

    def __init__(self, endpoint, invite, incoming=False):
        self.endpoint = endpoint
        self.invite = invite
        self.incoming = incoming
        self.local_tag = unique("t") if incoming else None
        self.cseq = 0 if incoming else invite.cseq
        self.remote_target = uri_of(invite.get("Contact")) if incoming else None
        self.route = invite.all("Record-Route") if incoming else []
        self.answer = None

    # As the callee.

    def reply(self, status, fields=(), body=b"", request=None, phrase=None):
        request = request or self.invite
        fields = list(fields)
        named = {key_of(n) for n, _ in fields}
        if request.method in ("INVITE", "UPDATE") and 100 < status < 300 \
                and "contact" not in named:
            fields.append(("Contact", self.endpoint.contact("callee")))
        response = self.endpoint.reply(request, status, fields, body,
                                       self.local_tag, phrase)
        if request is self.invite and status > 100:
            self.answer = response
        return response

    def answered(self, fields=(), body=None):
        """Rings, answers and waits for the ACK, which is returned."""
        self.reply(180)
        self.reply(200, fields, body or offer(self.endpoint.host, 41000))
        return self.endpoint.expect("ACK")

    def cancelled(self):
        """Waits for the CANCEL, which is returned, and ends the INVITE."""
        cancel = self.endpoint.expect("CANCEL")
        self.endpoint.reply(cancel, 200)
        self.reply(487)
        self.endpoint.expect("ACK")
        return cancel

    # As the caller.

    def expect(self, what, wait=None):
        message = self.endpoint.expect(what, wait)
        if message.status >= 200 and message.method == "INVITE" \
                and message.cseq == self.invite.cseq and not self.incoming:
            self.take_answer(message)
        return message

    def take_answer(self, message):
        self.answer = message
        if message.status >= 300:
            self.ack_failure(message)
            return
        self.remote_target = uri_of(message.get("Contact"))
        self.route = list(reversed(message.list("Record-Route")))

    def ack_failure(self, message):
        ack = Message(f"ACK {self.invite.uri} SIP/2.0", [
            ("Via", self.invite.get("Via")), ("Max-Forwards", "70"),
            ("From", self.invite.get("From")), ("To", message.get("To")),
            ("Call-ID", self.invite.get("Call-ID")),
            ("CSeq", f"{self.invite.cseq} ACK")])
        self.endpoint.send(ack)

    def connect(self, wait=None):
        """Waits for the 200, acknowledges it and returns it."""
        answer = self.expect(200, wait)
        self.ack()
        return answer

    def ack(self, fields=(), body=b""):
        self.endpoint.send(self.in_dialog("ACK", fields, body,
                                          cseq=self.invite.cseq))

    def cancel(self, fields=()):
        self.endpoint.send(Message(f"CANCEL {self.invite.uri} SIP/2.0", [
            ("Via", self.invite.get("Via")), ("Max-Forwards", "70"),
            ("From", self.invite.get("From")), ("To", self.invite.get("To")),
            ("Call-ID", self.invite.get("Call-ID")),
            ("CSeq", f"{self.invite.cseq} CANCEL"), *fields]))

    # As either.

    def in_dialog(self, method, fields=(), body=b"", cseq=None):
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        ours, theirs = ("To", "From") if self.incoming else ("From", "To")
        usual = [
            ("Via", self.endpoint.via()),
            *[("Route", r) for r in self.route],
            ("Max-Forwards", "70"),
            ("From", self.answer.get(ours)),
            ("To", self.answer.get(theirs)),
            ("Call-ID", self.invite.get("Call-ID")),
            ("CSeq", f"{cseq} {method}"),
            ("Contact", self.endpoint.contact()),
        ]
        given = {key_of(n) for n, _ in fields}
        out = [f for f in usual if key_of(f[0]) not in given] + list(fields)
        if body and "content-type" not in given:
            out.append(("Content-Type", "application/sdp"))
        return Message(f"{method} {self.remote_target} SIP/2.0", out, body)

    def request(self, method, fields=(), body=b""):
        message = self.in_dialog(method, fields, body)
        self.endpoint.send(message)
        return message

    def hang_up(self):
        self.request("BYE")
        return self.endpoint.expect((200, "BYE"))

    def hung_up(self):
        """Waits for the other side's BYE and answers it."""
        bye = self.endpoint.expect("BYE")
        self.endpoint.reply(bye, 200)
        return bye


# -- certificates -------------------------------------------------------------

class Authority:
    """A certificate authority that lives in a directory."""

    def __init__(self, directory, name="Test CA"):
        self.directory = directory
        self.ca = self.path(name.replace(" ", "-").lower() + ".pem")
        self.key = self.ca[:-4] + ".key"
        self.openssl("-x509", "-keyout", self.key, "-out", self.ca,
                     "-subj", f"/CN={name}", "-days", "90",
                     "-addext", "basicConstraints=critical,CA:TRUE",
                     "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def path(self, name):
        return os.path.join(self.directory, name)

    def openssl(self, *arguments):
        subprocess.run(
            ["openssl", "req", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-nodes", *arguments],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def issue(self, name, *names, usage="serverAuth,clientAuth"):
        """A certificate with these DNS names: (certificate file, key file)."""
        pem, key = self.path(name + ".pem"), self.path(name + ".key")
        alternative = ",".join(f"DNS:{n}" for n in names or [name])
        self.openssl("-x509", "-CA", self.ca, "-CAkey", self.key,
                     "-keyout", key, "-out", pem, "-subj", f"/CN={name}",
                     "-days", "90", "-addext", f"subjectAltName={alternative}",
                     "-addext", "basicConstraints=critical,CA:FALSE",
                     "-addext", f"extendedKeyUsage={usage}")
        return pem, key
