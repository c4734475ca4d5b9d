"""ACS-14: the name that the carrier knows us by is in Contact and certificate."""

import re
import ssl
import time

from border import check, equal, matches
from sip import failure, host_of, offer, uri_of

NUMBER = "+442079460123"


def call_out(s):
    """A call from the PBX; returns the carrier's INVITE."""
    pbx, carrier = s.pbx(), s.carrier_tls()
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060")
    leg = carrier.incoming()
    leg.reply(200, body=offer(s.ip(3), 41000))
    call.connect()
    ack = carrier.expect("ACK")
    call.request("BYE")
    leg.hung_up()
    pbx.expect((200, "BYE"))
    return leg.invite, ack


def test_name_in_contact(s):
    """Contact carries the name, never an address, and the transport"""
    s.tls_carrier()
    s.start()
    invite, _ = call_out(s)
    contact = uri_of(invite.get("Contact"))
    equal(host_of(contact), "sbc.example.com", "host of Contact")
    matches(r";transport=tls", contact.lower(), "Contact")
    check(not invite.has("Record-Route"), "a Record-Route of ours")
    s.must("TLS-FQDN")


def test_wildcard_of_one_label(s):
    """a wildcard certificate for one label is good"""
    s.tls_carrier(names=["*.example.com"])
    s.start()
    invite, _ = call_out(s)
    equal(host_of(uri_of(invite.get("Contact"))), "sbc.example.com",
          "host of Contact")


def test_wildcard_of_two_labels(s):
    """a wildcard does not stand for two labels: refused at the start"""
    s.tls_carrier(fqdn="sbc.london.example.com", names=["*.example.com"])
    said = s.refuses_to_start()
    matches(r"cordon\.conf:\d+", said, "the message")
    matches(re.escape("sbc.london.example.com"), said, "the message")


def test_wrong_name(s):
    """a certificate without our name: refused at the start"""
    s.tls_carrier(names=["other.example.org"])
    said = s.refuses_to_start()
    matches(r"cordon\.conf:\d+", said, "the message")
    matches(r"sbc\.example\.com", said, "the message")


def test_old_tls(s):
    """TLS older than 1.2 is refused"""
    s.tls_carrier()
    s.start()
    carrier = s.carrier_tls()
    usual = carrier.context

    def old(server):
        context = usual(server)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    carrier.context = old
    try:
        carrier.connect()
    except (ssl.SSLError, OSError):
        s.must("TLS-HANDSHAKE")
        return
    check(False, "TLS 1.1 was accepted")


def test_wrong_peer_name(s):
    """a carrier whose certificate has another name is not the carrier"""
    s.tls_carrier()
    s.start()
    wrong = s.authority.issue("wrong", "other.example.org")
    pbx, carrier = s.pbx(), s.carrier_tls(certificate=wrong)
    call = pbx.invite(f"sip:{NUMBER}@{s.ip(1)}:5060")
    while not (carrier.connections or carrier.failures):
        check(carrier.pump(time.monotonic() + 5), "the border did not connect")
    answer = call.expect(failure)
    equal(answer.status, 503, "status")
    s.must("TLS-PEER-NAME")


def test_wrong_caller_name(s):
    """what comes by a certificate with another name is dropped, and named so"""
    s.tls_carrier()
    s.start()
    wrong = s.authority.issue("wrong", "other.example.org")
    carrier = s.carrier_tls(certificate=wrong)
    carrier.send(carrier.request(
        "OPTIONS", "sip:sbc.example.com;transport=tls"))
    s.expect_entry("TLS-PEER-NAME", trunk="carrier",
                   before=re.compile(re.escape(s.ip(3))),
                   after=re.compile("other.example.org"))
    carrier.expect_close(carrier.connections[0])
    s.must_not("ACL-UNKNOWN-SOURCE")
