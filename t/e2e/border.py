"""What a scenario has: the real daemon, its configuration and journal, and actors.

A scenario is a file t/e2e/<row id or name>*.py with functions test_*(s); each
function is one test point and gets a Scene of its own. The daemon listens on the
first address of the block toward the PBX, on the fourth toward the carrier.
"""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peer"))

import sip  # noqa: E402
from sip import Failure, Timeout  # noqa: E402

BUILD = os.path.abspath(os.environ.get("BUILD", "."))
LEAK_KEYS = {"calls", "legs", "transactions", "timers", "connections"}
START_WAIT = 60
STOP_WAIT = 30
NUMBER = "+442079460123"
FAULTS = ("runtime error:", "AddressSanitizer", "LeakSanitizer")


class Skip(Exception):
    """The scenario needs something that is not on this machine."""


def equal(got, expected, what="value"):
    if got != expected:
        raise Failure(f"{what} is {got!r}, expected {expected!r}")


def check(condition, what):
    if not condition:
        raise Failure(what)


def matches(pattern, text, what="text"):
    if text is None or not re.search(pattern, text):
        raise Failure(f"{what} is {text!r}, expected to match {pattern!r}")


def need(program):
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin")
    if path is None:
        raise Skip(f"{program} is not installed")
    return path


def listed(value):
    """A Python value as libconfig writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, dict):
        inner = " ".join(f"{k} = {listed(v)};" for k, v in value.items())
        return "{ " + inner + " }"
    if value and isinstance(value[0], dict):
        return "( " + ",\n  ".join(listed(v) for v in value) + " )"
    return "[ " + ", ".join(listed(v) for v in value) + " ]"


class Scene:
    def __init__(self, net, name):
        self.net = net
        self.directory = tempfile.mkdtemp(prefix="cordon-e2e-")
        self.name = name
        self.actors = []
        self.processes = []
        self.daemon = None
        self.stderr = b""
        self.config = self.usual_config()
        self.present, self.absent = [], []
        self.entries = None
        self.journal_wanted = True

    # -- addresses, files, actors --------------------------------------------

    def ip(self, last):
        return f"{self.net}.{last}"

    @property
    def inside(self):
        """Where the PBX sends to."""
        return self.ip(1), 5060

    @property
    def outside(self):
        """Where the carrier sends to."""
        return self.ip(4), 5060

    def path(self, name):
        return os.path.join(self.directory, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)
        return self.path(name)

    def read(self, name):
        with open(self.path(name), encoding="utf-8", errors="replace") as f:
            return f.read()

    def actor(self, actor):
        self.actors.append(actor)
        return actor

    def pbx(self, last=2, port=5060):
        return self.actor(sip.Udp(self.ip(last), port, self.inside))

    def carrier(self, last=3, port=5060):
        return self.actor(sip.Udp(self.ip(last), port, self.outside))

    def usual_config(self):
        """A PBX and a carrier on UDP, calls both ways."""
        return {
            "user_agent": "Cordon",
            "log": {"level": "debug"},
            "journal": {"file": self.path("journal")},
            "control": {"socket": self.path("control.sock")},
            # A machine that is busy elsewhere is no overload of the border.
            "limits": {"drain": "1s", "lag": "10s"},
            "listeners": [
                {"name": "inside", "transport": "udp",
                 "address": f"{self.ip(1)}:5060"},
                {"name": "outside", "transport": "udp",
                 "address": f"{self.ip(4)}:5060"},
            ],
            "trunks": [
                {"name": "pbx", "listener": "inside",
                 "peers": [f"{self.ip(2)}:5060"]},
                {"name": "carrier", "listener": "outside",
                 "peers": [f"{self.ip(3)}:5060"]},
            ],
            "routes": [
                {"from": "pbx", "to": "carrier"},
                {"from": "carrier", "to": "pbx"},
            ],
        }

    def trunk(self, name):
        return next(t for t in self.config["trunks"] if t["name"] == name)

    def more_carriers(self, peers=(), then=False, **options):
        """Gives the carrier further peers at these last bytes, and (then) the
        route a second trunk behind it, at the fifth address."""
        self.trunk("carrier")["peers"] += [f"{self.ip(p)}:5060" for p in peers]
        if then:
            self.config["trunks"].append({
                "name": "second", "listener": "outside",
                "peers": [f"{self.ip(5)}:5060"], **options})
            self.config["routes"][0]["then"] = ["second"]

    def shipped(self, trunk, stage, name):
        """Gives a trunk a policy that comes with the program."""
        self.trunk(trunk)[f"policy_{stage}"] = os.path.abspath(
            os.path.join(HERE, "..", "..", "policies", name))

    def refused_by(self, carrier, status, phrase=None, fields=(), leg=None):
        """A call that comes to that carrier is refused by it."""
        leg = leg or carrier.incoming()
        leg.reply(status, fields, phrase=phrase)
        carrier.expect("ACK")
        return leg

    def listener(self, name):
        return next(l for l in self.config["listeners"] if l["name"] == name)

    def policy(self, trunk, stage, settings, name=None):
        """Gives a trunk a policy: stage is "in" or "out"."""
        settings = {"name": name or f"{trunk}-{stage}",
                    "title": "A policy of the tests", **settings}
        text = "\n".join(f"\t{k} = {listed(v)};" for k, v in settings.items())
        file = self.write(f"{trunk}-{stage}.conf",
                          f"policy = {{\n{text}\n}};\n")
        self.trunk(trunk)[f"policy_{stage}"] = file

    def tls_carrier(self, fqdn="sbc.example.com", names=None,
                    tls_names=("carrier.example.net",)):
        """Makes the carrier's side TLS with certificates of a CA of our own."""
        need("openssl")
        self.authority = sip.Authority(self.directory)
        cert, key = self.authority.issue("border", *(names or [fqdn]))
        self.carrier_certificate = self.authority.issue(
            "carrier", "carrier.example.net")
        tls = {"certificate": cert, "key": key, "ca": self.authority.ca}
        self.listener("outside").update({
            "transport": "tls", "address": f"{self.ip(4)}:5061",
            "client_certificate": "required", **tls})
        self.trunk("carrier").update({
            "peers": [f"{self.ip(3)}:5061"], "fqdn": fqdn,
            "tls_names": list(tls_names)})

    def carrier_tls(self, certificate=None, server_name="sbc.example.com",
                    last=3, **options):
        return self.actor(sip.Tls(
            self.ip(last), 5061, (self.ip(4), 5061),
            certificate or self.carrier_certificate, self.authority.ca,
            server_name, **options))

    # -- the daemon ----------------------------------------------------------

    def write_config(self):
        """In one piece: a reload may be reading."""
        new = self.write("cordon.conf.new", "".join(
            f"{k} = {listed(v)};\n" for k, v in self.config.items()))
        os.rename(new, self.path("cordon.conf"))
        return self.path("cordon.conf")

    def spawn(self, prefix=(), environment=None):
        with open(self.path("stderr"), "ab") as log:
            self.daemon = subprocess.Popen(
                [*prefix, os.path.join(BUILD, "cordond"), "-f", "-c",
                 self.write_config()],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.directory, env={**os.environ, **(environment or {})})

    def log_text(self):
        with open(self.path("stderr"), "rb") as f:
            return f.read().decode("utf-8", "backslashreplace")

    def start(self, prefix=(), environment=None):
        """Starts the daemon, by way of another program where `prefix` names
        one, and waits until it says that it is ready."""
        self.spawn(prefix, environment)
        self.wait_for_log(r"\bready\b", START_WAIT)

    def wait_for_log(self, pattern, wait=sip.WAIT, behind=0):
        """Waits for a line of the log behind that many bytes; returns the size
        of the log then."""
        deadline = time.monotonic() + wait
        while not re.search(pattern, self.log_text()[behind:]):
            if self.daemon.poll() is not None:
                raise Failure("the daemon ended with "
                              f"{self.daemon.returncode}:\n{self.log_text()}")
            if time.monotonic() > deadline:
                raise Timeout(f"no {pattern!r} in the log:\n"
                              + self.log_text()[-4000:])
            select.select([], [], [], 0.02)
        return len(self.log_text())

    def wait_until(self, condition, what, wait=sip.WAIT):
        """Waits for something that only asking shows."""
        deadline = time.monotonic() + wait
        while not condition():
            if time.monotonic() > deadline:
                raise Timeout(f"never: {what}")
            select.select([], [], [], 0.05)

    def refuses_to_start(self):
        """Starts the daemon, which must end by itself with an error; returns
        what it said."""
        self.spawn()
        try:
            status = self.daemon.wait(START_WAIT)
        except subprocess.TimeoutExpired:
            raise Failure("the daemon started") from None
        self.daemon = None
        said = self.log_text()
        check(status not in (0, None) and status > 0,
              f"the daemon ended with {status}:\n{said}")
        self.look_for_faults(said)
        self.journal_wanted = False
        return said

    def reload(self):
        behind = len(self.log_text())
        self.write_config()
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_for_log(r"reload", behind=behind)

    def cordon(self, *words):
        """The command line of the cordon command on this daemon."""
        return [os.path.join(BUILD, "cordon"), "--socket",
                self.path("control.sock"), *words]

    def control(self, *words, status=0):
        """The cordon command on this daemon, which must end with that status;
        returns what it printed, without its colours."""
        got, said = self.run(self.cordon(*words), 20)
        equal(got, status, f"status of cordon {' '.join(words)} ({said})")
        return said

    def control_json(self, *words, status=0):
        """The lines of --json as objects."""
        said = self.control("--json", *words, status=status)
        return [json.loads(l) for l in said.splitlines() if l[:1] == "{"]

    def freeze(self):
        """Stops the daemon where it is, until SIGCONT."""
        self.daemon.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + sip.WAIT
        while True:
            with open(f"/proc/{self.daemon.pid}/stat", encoding="utf-8") as f:
                if f.read().rsplit(")", 1)[1].split()[0] == "T":
                    return
            if time.monotonic() > deadline:
                raise Timeout("the daemon does not stop")

    def thaw(self):
        self.daemon.send_signal(signal.SIGCONT)

    def stop(self):
        """Ends the daemon and looks whether anything is left."""
        self.daemon.send_signal(signal.SIGTERM)
        self.ended()

    def ended(self):
        """Waits for the daemon to end by itself and looks whether anything is
        left."""
        deadline = time.monotonic() + STOP_WAIT
        while (status := self.wait_for_end()) is None:
            if time.monotonic() < deadline:
                continue
            self.daemon.kill()
            self.daemon.wait()
            self.daemon = None
            raise Failure("the daemon did not end:\n"
                          + self.log_text()[-4000:])
        self.daemon = None
        said = self.log_text()
        self.look_for_faults(said)
        equal(status, 0, "exit status of the daemon")
        last = said.rstrip().rsplit("\n", 1)[-1]
        matches(r"leak-check ", last, "last line of the log")
        counts = dict(re.findall(r"([a-z_]+)=(\d+)",
                                 last[last.index("leak-check"):]))
        check(LEAK_KEYS <= set(counts), f"counts are missing in {last!r}")
        check(all(n == "0" for n in counts.values()), f"left over: {last}")

    def wait_for_end(self):
        """The daemon's exit status, or None after a moment in which its peers that
        have a loop went on answering: calls end at both sides."""
        loops = {a.loop for a in self.actors if hasattr(a, "loop")}
        for loop in loops:
            loop.turn()
        if loops:
            return self.daemon.poll()
        try:
            return self.daemon.wait(STOP_WAIT)
        except subprocess.TimeoutExpired:
            return None

    def look_for_faults(self, said):
        for fault in FAULTS:
            check(fault not in said, f"a sanitizer reports:\n{said[-6000:]}")

    # -- the journal ---------------------------------------------------------

    def journal(self):
        """The entries so far; a line that is not whole is not there yet."""
        try:
            with open(self.path("journal"), encoding="utf-8") as f:
                lines = f.read().split("\n")[:-1]
        except FileNotFoundError:
            return []
        return [json.loads(line) for line in lines]

    def expect_entry(self, code, wait=sip.WAIT, **fields):
        """Waits for a journal entry and returns it."""
        deadline = time.monotonic() + wait
        while True:
            found = find_entries(self.journal(), code, fields)
            if found:
                return found[0]
            if time.monotonic() > deadline:
                raise Timeout(f"no journal entry {code} {fields}")
            select.select([], [], [], 0.02)

    def until(self, what, condition, wait=sip.WAIT):
        """Waits for the condition to hold, and returns what it returned."""
        deadline = time.monotonic() + wait
        while True:
            result = condition()
            if result:
                return result
            if time.monotonic() > deadline:
                raise Timeout(f"not in time: {what}")
            select.select([], [], [], 0.02)

    def entries_of(self, code):
        """The entries of that code so far."""
        return find_entries(self.journal(), code, {})

    def must(self, code, **fields):
        """The journal must hold this code when the daemon has ended."""
        self.present.append((code, fields))

    def must_not(self, *codes):
        self.absent += [(code, {}) for code in codes]

    def judge_journal(self):
        entries = self.journal()
        for code, fields in self.present:
            check(find_entries(entries, code, fields),
                  f"no journal entry {code} {fields} in\n{shown(entries)}")
        for code, fields in self.absent:
            found = find_entries(entries, code, fields)
            check(not found, f"journal entry not expected:\n{shown(found)}")

    # -- calls ---------------------------------------------------------------

    def uri(self, number=NUMBER):
        """How the PBX dials."""
        return f"sip:{number}@{self.ip(1)}:5060"

    def ringing(self, caller, callee, fields=(), uri=None):
        """A call that rings: both ends of it."""
        call = caller.invite(uri or self.uri(), fields)
        leg = callee.incoming()
        leg.reply(180)
        call.expect(180)
        return call, leg

    def up(self, caller, callee, fields=(), uri=None):
        """A call that is answered: both ends of it."""
        call, leg = self.ringing(caller, callee, fields, uri)
        leg.reply(200, body=sip.offer(callee.host, 41000))
        call.connect()
        callee.expect("ACK")
        return call, leg

    def up_to(self, caller, callee, uri, port):
        """One more call beside another one: its caller's media are ten ports
        up, its callee's at `port`."""
        call = caller.invite(uri, body=sip.offer(caller.host, 40010))
        leg = callee.incoming()
        leg.reply(200, body=sip.offer(callee.host, port))
        call.connect()
        callee.expect("ACK")
        return call, leg

    def take_back(self, call, leg):
        """The caller cancels; returns the CANCEL that the callee got."""
        call.cancel()
        call.endpoint.expect((200, "CANCEL"))
        return leg.cancelled()

    def down(self, call, leg):
        """The caller hangs up; returns the BYE that the callee got."""
        call.request("BYE")
        bye = leg.hung_up()
        call.endpoint.expect((200, "BYE"))
        return bye

    # -- programs of others --------------------------------------------------

    def run(self, command, wait=30, **options):
        """Runs a program to its end; returns its exit status and output."""
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, timeout=wait, cwd=self.directory,
                check=False, **options)
        except subprocess.TimeoutExpired as e:
            raise Timeout(f"{command[0]} did not end: {e.output!r}") from None
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def background(self, command, log=None, **options):
        """Starts a program; what it says goes to a file."""
        name = log or os.path.basename(command[0]) + ".log"
        with open(self.path(name), "ab") as out:
            process = subprocess.Popen(
                command, stdout=out, stderr=out, cwd=self.directory,
                **{"stdin": subprocess.DEVNULL, **options})
        self.processes.append(process)
        return process

    def sipp(self, scenario, last, target, *options):
        """The command line of SIPp with a scenario of t/e2e/sipp."""
        return [need("sipp"), f"{target[0]}:{target[1]}", "-sf",
                os.path.join(HERE, "sipp", scenario + ".xml"),
                "-i", self.ip(last), "-p", "5060", "-nostdin",
                "-timeout", "20", "-timeout_error", *options]

    # -- the end -------------------------------------------------------------

    def finish(self):
        if self.daemon is not None:
            self.stop()
        if self.journal_wanted:
            self.judge_journal()

    def clean_up(self, keep):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for actor in self.actors:
            actor.close()
        if self.daemon is not None:
            self.daemon.kill()
            self.daemon.wait()
        if not keep:
            shutil.rmtree(self.directory, ignore_errors=True)


class Line:
    """A PBX and a carrier, and one short call after the other between them."""

    def __init__(self, scene):
        self.scene = scene
        scene.start()
        self.pbx, self.carrier = scene.pbx(), scene.carrier()

    def call(self, fields=(), user="+442079460123", back=False):
        """What comes out of an INVITE of the PBX (back: of the carrier)."""
        caller, callee, at = self.pbx, self.carrier, 1
        if back:
            caller, callee, at = self.carrier, self.pbx, 4
        call = caller.invite(f"sip:{user}@{self.scene.ip(at)}:5060", fields)
        leg = callee.incoming()
        leg.reply(486)
        callee.expect("ACK")
        call.expect(486)
        return leg.invite

    def refused(self, fields=(), user="+442079460123"):
        """The refusal of the PBX's INVITE, of which the carrier gets none."""
        call = self.pbx.invite(
            f"sip:{user}@{self.scene.ip(1)}:5060", fields)
        answer = call.expect(sip.failure)
        self.carrier.silent(0.2)
        return answer


def find_entries(entries, code, fields):
    def fits(entry):
        return entry.get("diagnostic") == code and all(
            field_fits(entry.get(k), v) for k, v in fields.items())
    return [e for e in entries if fits(e)]


def field_fits(value, wanted):
    if isinstance(wanted, re.Pattern):
        return value is not None and wanted.search(str(value)) is not None
    return value == wanted


def shown(entries):
    return "\n".join(json.dumps(e) for e in entries) or "(nothing)"
