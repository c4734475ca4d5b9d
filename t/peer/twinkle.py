"""Twinkle as a party: its console on a pipe, with a configuration of its own. It is
at 127.0.0.1 whatever the scenario's addresses, at a port that was free."""

import os
import shutil
import socket
import subprocess

from program import Program

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


class Twinkle(Program):
    def __init__(self, scene, user, border):
        super().__init__(scene, f"twinkle-{user}")
        self.host, self.port = "127.0.0.1", free_port()
        self.border = border
        self.home = scene.path(f"twinkle-{user}")
        os.makedirs(os.path.join(self.home, ".twinkle"))
        values = {"user": user, "domain": border.split(":")[0],
                  "border": border, "port": self.port,
                  "rtp": self.port + 2 & ~1}
        self.write(f"{user}.cfg", PROFILE.format(**values))
        self.write("twinkle.sys", SYSTEM.format(**values))

    def write(self, name, text):
        with open(os.path.join(self.home, ".twinkle", name), "w",
                  encoding="utf-8") as f:
            f.write(text)

    def start(self):
        """Once the border is there: it looks for its own address by it."""
        self.launch(["twinkle-console"], "Twinkle>", stdin=subprocess.PIPE,
                    env={**os.environ, "HOME": self.home})

    def tell(self, command):
        """Types a command."""
        self.process.stdin.write(command.encode() + b"\n")
        self.process.stdin.flush()
