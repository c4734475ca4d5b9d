"""baresip as the carrier, on TLS."""

import os
import time
import wave

from border import Failure, check, equal, need
from sip import offer

NUMBER = "+442079460123"

# Its TLS socket is on the port behind that of sip_listen.
CONFIG = """\
sip_listen {ip}:5060
sip_certificate {pem}
sip_cafile {ca}
call_local_timeout 20
audio_source aufile,{directory}/silence.wav
audio_player aufile,{directory}/played.wav
module_path {modules}
module g711.so
module aufile.so
module_tmp account.so
module_app menu.so
"""

ACCOUNT = ("<sip:bob@{ip}:5061;transport=tls>;regint=0;answermode=auto;"
           "audio_codecs=PCMU/8000/1,PCMA/8000/1\n")

MODULES = ("/usr/lib/baresip/modules", "/usr/local/lib/baresip/modules")


def modules():
    for path in MODULES:
        if os.path.isdir(path):
            return path
    raise Failure("baresip's modules are not where they usually are")


def baresip(s, *commands):
    """Starts it on the carrier's address; it answers every call."""
    program = need("baresip")
    pem, key = s.carrier_certificate
    with open(pem) as a, open(key) as b:
        both = s.write("baresip.pem", a.read() + b.read())
    directory = s.path("baresip")
    os.mkdir(directory)
    values = {"ip": s.ip(3), "pem": both, "ca": s.authority.ca,
              "directory": directory, "modules": modules()}
    s.write("baresip/config", CONFIG.format(**values))
    s.write("baresip/accounts", ACCOUNT.format(**values))
    s.write("baresip/contacts", "")
    write_silence(s.path("baresip/silence.wav"))
    run = [program, "-4", "-v", "-f", directory]
    for command in commands:
        run += ["-e", command]
    process = s.background(run)
    wait_for(lambda: "ready" in output(s), process)


def write_silence(path):
    with wave.open(path, "wb") as f:
        f.setnchannels(1)
        f.setsampwidth(2)
        f.setframerate(8000)
        f.writeframes(bytes(2 * 8000 * 10))


def output(s):
    with open(s.path("baresip.log"), encoding="utf-8", errors="replace") as f:
        return f.read()


def wait_for(condition, process, wait=10):
    deadline = time.monotonic() + wait
    while not condition():
        check(process.poll() is None, "baresip ended")
        check(time.monotonic() < deadline, "baresip did not become ready")
        time.sleep(0.02)


def test_answers(s):
    """a call from the PBX, which baresip answers and the PBX ends"""
    s.tls_carrier()
    s.trunk("carrier")["sources"] = ["127.0.0.1"]  # where it connects from
    s.start()
    baresip(s)
    pbx = s.pbx()
    call = pbx.invite(f"sip:bob@{s.ip(1)}:5060",
                      body=offer(s.ip(2), codecs="0 8"))
    answer = call.connect()
    check(answer.sdp("m")[0].startswith("audio "), "no audio in the answer")
    equal(call.hang_up().status, 200, "status")
    s.must("CALL-ENDED")


def test_calls(s):
    """a call that baresip makes, and the PBX ends"""
    s.tls_carrier()
    s.trunk("carrier")["sources"] = ["127.0.0.1"]  # where it connects from
    del s.trunk("carrier")["fqdn"]  # our name is in no DNS here
    s.start()
    pbx = s.pbx()
    baresip(s, f"/dial sip:{NUMBER}@{s.ip(4)}:5061")
    leg = pbx.incoming(10)
    leg.reply(180)
    leg.reply(200, body=offer(s.ip(2), 41000, codecs="0"))
    pbx.expect("ACK")
    leg.hang_up()
    s.must("CALL-ENDED")
