"""baresip as the carrier, on TLS."""

import os

from baresip import is_installed, modules, write_silence
from border import Skip, check, equal
from program import Program
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


def baresip(s, *commands):
    """Starts it on the carrier's address; it answers every call."""
    if not is_installed():
        raise Skip("baresip is not installed")
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
    run = ["baresip", "-4", "-v", "-f", directory]
    for command in commands:
        run += ["-e", command]
    Program(s, "baresip").launch(run, "ready")


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
