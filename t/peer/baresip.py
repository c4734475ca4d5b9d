"""baresip as a party: started with a configuration of its own, and told what to do
over its control connection."""

import json
import os
import shutil
import socket
import time
import wave

from program import Program
from sip import Timeout, WAIT

CONFIG = """\
sip_listen {ip}:5060
call_local_timeout 20
audio_source aufile,{directory}/silence.wav
ctrl_tcp_listen {ip}:4444
module_path {modules}
module g711.so
module aufile.so
module_tmp account.so
module_app ctrl_tcp.so
module_app menu.so
"""

ACCOUNT = ("<sip:{user}@{ip}:5060;transport=udp>;regint=0;answermode={answer};"
           "audio_codecs=PCMU/8000/1,PCMA/8000/1\n")

MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")


def modules():
    """Where its modules are; None without them."""
    return next((m for m in MODULES if os.path.isdir(m)), None)


def is_installed():
    return shutil.which("baresip") is not None and modules() is not None


def write_silence(path):
    with wave.open(path, "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(8000)
        f.writeframes(bytes(2 * 8000 * 20))


class Baresip(Program):
    def __init__(self, scene, last, user, answer="auto"):
        super().__init__(scene, f"baresip-{user}")
        self.directory = scene.path(f"baresip-{user}")
        self.host = scene.ip(last)
        os.mkdir(self.directory)
        values = {"ip": self.host, "directory": self.directory, "user": user,
                  "modules": modules(), "answer": answer}
        self.write("config", CONFIG.format(**values))
        self.write("accounts", ACCOUNT.format(**values))
        self.write("contacts", "")
        write_silence(os.path.join(self.directory, "silence.wav"))
        self.launch(["baresip", "-4", "-v", "-f", self.directory], "ready")
        self.buffer = b""
        self.control = socket.create_connection((self.host, 4444), WAIT)

    def write(self, name, text):
        with open(os.path.join(self.directory, name), "w",
                  encoding="utf-8") as f:
            f.write(text)

    def tell(self, command, params=""):
        """Types a command; its menu's long name."""
        said = json.dumps({"command": command, "params": params}).encode()
        self.control.sendall(b"%d:%s," % (len(said), said))

    def next_event(self, deadline):
        """The next netstring of the control connection."""
        while True:
            size, colon, rest = self.buffer.partition(b":")
            if colon and len(rest) > int(size):
                self.buffer = rest[int(size) + 1:]
                return json.loads(rest[:int(size)])
            self.control.settimeout(max(0.01, deadline - time.monotonic()))
            try:
                more = self.control.recv(65536)
            except TimeoutError:
                more = None
            if not more:
                raise Timeout(f"baresip is silent:\n{self.output()[-2000:]}")
            self.buffer += more

    def hear(self, kind, wait=WAIT):
        """Waits for an event, as CALL_ESTABLISHED, and returns it."""
        deadline = time.monotonic() + wait
        while True:
            event = self.next_event(deadline)
            if event.get("type") == kind:
                return event
