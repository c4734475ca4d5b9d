"""Twinkle as a party: its console on a pipe, with a configuration of its own. It is
at 127.0.0.1 whatever the scenario's addresses, at a port that was free."""

import os
import shutil
import socket
import subprocess
import time

from sip import Failure, Timeout

PROFILE = """\
user_name={user}
user_domain={domain}
outbound_proxy={border}
all_requests_to_proxy=yes
register_at_startup=no
codecs=g711a,g711u
ext_100rel=disabled
ext_replaces=yes
allow_transfer_consultation_inprog=yes
"""

# No sound is played, and none is recorded.
SYSTEM = """\
dev_ringtone=alsa:null
dev_speaker=alsa:null
dev_mic=alsa:null
validate_audio_dev=no
play_ringtone=no
play_ringback=no
sip_port={port}
rtp_port={rtp}
start_user_profile={user}
log_show_sip=yes
"""


def is_installed():
    return shutil.which("twinkle-console") is not None


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("0.0.0.0", 0))
        return s.getsockname()[1]


class Twinkle:
    def __init__(self, scene, user, border):
        self.host, self.port = "127.0.0.1", free_port()
        self.border = border
        self.home = scene.path(f"twinkle-{user}")
        self.log = scene.path(f"twinkle-{user}.log")
        os.makedirs(os.path.join(self.home, ".twinkle"))
        values = {"user": user, "domain": border.split(":")[0],
                  "border": border, "port": self.port,
                  "rtp": self.port + 2 & ~1}
        self.write(f"{user}.cfg", PROFILE.format(**values))
        self.write("twinkle.sys", SYSTEM.format(**values))
        self.process = None
        self.scene = scene

    def write(self, name, text):
        with open(os.path.join(self.home, ".twinkle", name), "w",
                  encoding="utf-8") as f:
            f.write(text)

    def start(self):
        """Once the border is there: it looks for its own address by it."""
        self.process = self.scene.background(
            ["twinkle-console"], log=os.path.basename(self.log),
            stdin=subprocess.PIPE, env={**os.environ, "HOME": self.home})
        self.wait_for("Twinkle>")

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            return f.read()

    def wait_for(self, text, wait=10, times=1):
        """Waits until it has printed that so often."""
        deadline = time.monotonic() + wait
        while self.output().count(text) < times:
            if self.process.poll() is not None:
                raise Failure(f"twinkle ended:\n{self.output()[-2000:]}")
            if time.monotonic() > deadline:
                raise Timeout(f"twinkle never said {text!r}:\n"
                              f"{self.output()[-2000:]}")
            time.sleep(0.02)

    def tell(self, command):
        """Types a command."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
