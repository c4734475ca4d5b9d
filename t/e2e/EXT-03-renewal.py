"""EXT-03: a renewed certificate is shown after a reload, and old connections end."""

import os
import shutil

from border import check, equal
from sip import Call, offer

NUMBER = "+442079460123"


def options(carrier, connection):
    request = carrier.request("OPTIONS",
                              "sip:sbc.example.com:5061;transport=tls")
    carrier.send(request, to=connection)
    equal(carrier.expect_final(request).status, 200, "status")


def renew(s):
    """A new certificate in the place of the old one."""
    fresh = s.authority.issue("renewed", "sbc.example.com")
    for new, old in zip(fresh, ("border.pem", "border.key")):
        shutil.copy(new, s.path(old + ".new"))
        os.rename(s.path(old + ".new"), s.path(old))


def test_reload(s):
    """the next handshake shows the new certificate, the old connection ends"""
    s.tls_carrier()
    s.start()
    carrier = s.carrier_tls()
    old = carrier.connect()
    serial = carrier.peer_serial(old)
    options(carrier, old)
    renew(s)
    s.reload()
    new = carrier.connect()
    check(carrier.peer_serial(new) != serial, "the old certificate is shown")
    options(carrier, new)
    carrier.expect_close(old, 40)
    s.must("TLS-CERT-RENEW")


def test_call_survives(s):
    """a call that is up at the reload goes on and ends in order"""
    s.tls_carrier()
    s.start()
    pbx, carrier = s.pbx(), s.carrier_tls()
    invite = carrier.request(
        "INVITE", f"sip:{NUMBER}@sbc.example.com:5061;transport=tls",
        body=offer(s.ip(3)))
    carrier.send(invite)
    call = Call(carrier, invite)
    leg = pbx.incoming()
    leg.reply(200, body=offer(s.ip(2), 41000))
    call.connect()
    pbx.expect("ACK")
    renew(s)
    s.reload()
    call.request("BYE")
    leg.hung_up()
    carrier.expect((200, "BYE"))
