"""TWI-16: a response carries the whole Via stack of its request, as it came."""

import re

from border import equal, matches
from sip import offer

NUMBER = "+442079460123"


def stack(s, carrier):
    return [carrier.via(),
            "SIP/2.0/UDP 10.1.2.3:5060;branch=z9hG4bK-inner-1;x-odd=\"a, b\"",
            "SIP/2.0/UDP   172.16.4.5;received=192.168.0.1;"
            "branch=z9hG4bK-inner-2 , SIP/2.0/TCP [fd00::1]:5060;"
            "branch=z9hG4bKv6"]


def without_source(via):
    return re.sub(r";(received|rport)(=[^;,]*)?", "", via)


def judge(answer, vias):
    got = answer.all("Via")
    equal(len(got), len(vias), "number of Via fields")
    equal(without_source(got[0]), without_source(vias[0]), "top Via")
    matches(r";rport=\d+", got[0], "top Via")
    equal(got[1:], vias[1:], "the Vias below")


def call(s, mangle=False):
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    vias = stack(s, carrier)
    call = carrier.invite(f"sip:{NUMBER}@{s.ip(4)}:5060",
                          [("Via", v) for v in vias])
    leg = pbx.incoming()
    equal(len(leg.invite.all("Via")), 1, "number of Via fields at the PBX")
    fields = []
    if mangle:
        ours = leg.invite.get("Via")
        fields = [("Via", ours.replace(s.ip(1), "203.0.113.9"))]
    leg.reply(180, fields)
    judge(call.expect(180), vias)
    leg.reply(200, fields, offer(s.ip(2), 41000))
    judge(call.connect(), vias)
    pbx.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))


def test_stacked(s):
    """three Via lines, four values: echoed byte for byte"""
    call(s)


def test_mangled_by_the_pbx(s):
    """the PBX's network rewrites our Via: the carrier sees its own stack"""
    call(s, mangle=True)
    s.must("DLG-VIA-TOUCHED")


def test_failure(s):
    """a failure of our own making carries them all, too"""
    s.config["routes"] = [{"from": "pbx", "to": "carrier"}]
    s.start()
    carrier = s.carrier()
    vias = stack(s, carrier)
    call = carrier.invite(f"sip:{NUMBER}@{s.ip(4)}:5060",
                          [("Via", v) for v in vias])
    judge(call.expect(404), vias)
