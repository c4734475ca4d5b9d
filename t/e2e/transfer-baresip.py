"""Transfers with baresip as who asks, who waits and whom is called."""

import re

import baresip as program
from baresip import Baresip
from border import Skip, check, equal, matches
from refer import Transferor, Watch, accept, media
from sip import offer
from tap import Tap

WAITS, TARGET = "+442079460500", "+442079460600"


def phones(s):
    """Two more trunks, of one phone each, that have numbers of their own."""
    if not program.is_installed():
        raise Skip("baresip is not installed")
    for name, last, number in (("waits", 5, WAITS), ("target", 6, TARGET)):
        s.config["trunks"].append({
            "name": name, "listener": "outside",
            "peers": [f"{s.ip(last)}:5060"]})
        s.config["routes"].insert(
            0, {"from": "pbx", "to": name, "prefix": number})
    # Each of them would take a REFER itself.
    s.trunk("pbx")["transfer"] = "local"
    s.start()


def test_asks(s):
    """baresip asks: it hangs up by itself once it is told of the 200"""
    phones(s)
    carrier = s.carrier()
    watch, tap = Watch(carrier), Tap(s, carrier)
    asks = Baresip(s, 2, "asks")
    asks.tell("dial", s.uri("+442079460123"))
    leg = carrier.incoming(10)
    leg.answered()
    asks.hear("CALL_ESTABLISHED")
    asks.tell("transfer", s.uri("+442079460099"))
    target = carrier.incoming()
    matches(r"^<sip:asks@", target.invite.get("Referred-By"), "Referred-By")
    matches(r"^<sip:\+442079460123@[0-9.]+>;tag=", target.invite.get("From"),
            "From")
    target.reply(180)
    target.reply(200, body=offer(carrier.host, 42000))
    carrier.expect("ACK")
    equal(media(accept(carrier, 41000)), (carrier.host, 42000), "media")
    equal(asks.hear("CALL_CLOSED")["param"], "Call transfered", "its end")
    s.expect_entry("XFR-DONE")
    target.request("BYE")
    carrier.expect((200, "BYE"))
    leg.hung_up()
    watch.never(carrier, "REFER", "NOTIFY")
    watch.judge()
    tap.judge(7)
    s.must_not("XFR-BYE-LATE", "XFR-FAILED")


def test_asks_for_one_who_is_busy(s):
    """baresip asks for a target that is busy: it is told, and then hangs up"""
    phones(s)
    carrier = s.carrier()
    asks = Baresip(s, 2, "asks")
    asks.tell("dial", s.uri("+442079460123"))
    leg = carrier.incoming(10)
    leg.answered()
    asks.hear("CALL_ESTABLISHED")
    asks.tell("transfer", s.uri("+442079460099"))
    carrier.incoming().reply(486)
    carrier.expect("ACK")
    equal(asks.hear("TRANSFER_FAILED")["param"], "486 Busy Here", "its reason")
    leg.hung_up()
    s.must("XFR-FAILED", after="486 Busy Here")


def test_waits(s):
    """baresip waits: it takes the re-INVITE, and its answer fits the target"""
    phones(s)
    pbx, carrier = s.pbx(), s.carrier()
    watch, tap = Watch(pbx, carrier), Tap(s, pbx, carrier)
    waits = Baresip(s, 5, WAITS)
    call = pbx.invite(s.uri(WAITS))
    first = media(call.connect())
    waits.hear("CALL_ESTABLISHED")
    asks = Transferor(call)
    asks.refer(s.uri("+442079460099"))
    asks.accepted()
    asks.notified(100)
    target = carrier.incoming()
    equal(media(target.invite), first, "media of who waits")
    target.reply(200, body=offer(carrier.host, 42000))
    carrier.expect("ACK")
    asks.notified(200, last=True)
    call.hang_up()
    told = watch.sessions[carrier, target.invite.get("Call-ID")][-1]
    equal(media(told), first, "media of who waits, at the end")
    target.request("BYE")
    carrier.expect(lambda m: m.start.startswith("SIP/2.0 200")
                   and m.method == "BYE")
    waits.hear("CALL_CLOSED")
    watch.judge()
    tap.judge(8)


def test_is_called(s):
    """baresip is the target"""
    phones(s)
    pbx, carrier = s.pbx(), s.carrier()
    watch, tap = Watch(pbx, carrier), Tap(s, pbx, carrier)
    target = Baresip(s, 6, TARGET)
    call, leg = s.up(pbx, carrier)
    asks = Transferor(call)
    asks.refer(s.uri(TARGET))
    asks.accepted()
    asks.notified(100)
    asks.notified(180)
    asked = accept(carrier, 41000)
    asks.notified(200, last=True)
    check(media(asked)[1] not in (40000, 41000), "nobody's port")
    call.hang_up()
    target.hear("CALL_ESTABLISHED")
    target.tell("hangup")
    leg.hung_up()
    watch.judge()
    tap.judge(8)
    s.must("CALL-ENDED", target="target-hung-up")


def test_three(s):
    """three of them: who waits gets the target's sound, and from there only"""
    phones(s)
    waits, target = Baresip(s, 5, WAITS), Baresip(s, 6, TARGET)
    asks = Baresip(s, 2, "asks")
    asks.tell("dial", s.uri(WAITS))
    for one in (asks, waits):
        one.hear("CALL_ESTABLISHED")
    waits.wait_for("incoming rtp for 'audio' established")
    asks.tell("transfer", s.uri(TARGET))
    target.hear("CALL_ESTABLISHED")
    asks.hear("CALL_CLOSED")
    s.expect_entry("XFR-DONE", before=TARGET)
    waits.wait_for("SSRC changed")
    target.wait_for("incoming rtp for 'audio' established")
    said = waits.output().split("got re-INVITE")[1]
    told = int(re.search(r"starting RTCP with remote [0-9.]+:(\d+)", said)[1])
    heard = re.findall(r"SSRC changed .* from [0-9.]+:(\d+)\)", said)
    equal(heard, [str(told - 1)], "where the sound comes from")
    target.tell("hangup")
    waits.hear("CALL_CLOSED")
    s.expect_entry("CALL-ENDED", target="target-hung-up")
