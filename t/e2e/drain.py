"""Draining: no new calls, the old ones to their end."""

import contextlib
import signal
import subprocess
import time

from border import check, equal, matches
from sip import WAIT, failure, offer


def refused(s, pbx):
    """A new call has 503, with the reason and when to come again."""
    call = pbx.invite(s.uri())
    answer = call.expect(failure)
    equal(answer.status, 503, "status")
    matches(r"^\d+$", answer.get("Retry-After"), "Retry-After")
    matches(r"^399 .*INT-DRAINING", answer.get("Warning"), "Warning")


def terminate(s):
    s.daemon.send_signal(signal.SIGTERM)
    s.wait_for_log("draining: 1 calls")


def test_last_call(s):
    """SIGTERM: a new call has 503, the call that is up goes on, then all ends"""
    s.config["limits"]["drain"] = "60s"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    terminate(s)
    refused(s, pbx)
    again = call.request("INVITE", body=offer(s.ip(2), 40000, 2))
    offered = carrier.expect("INVITE")
    leg.reply(200, body=offer(s.ip(3), 41000, 2), request=offered)
    pbx.expect((200, "INVITE"))
    call.endpoint.send(call.in_dialog("ACK", cseq=again.cseq))
    carrier.expect("ACK")
    s.down(call, leg)
    s.ended()
    s.must("INT-DRAINING")
    s.must("CALL-ENDED")


def test_limit(s):
    """limits.drain passes: both sides get BYE, and the daemon ends"""
    s.config["limits"]["drain"] = "300ms"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    began = time.monotonic()
    terminate(s)
    bye = call.hung_up()
    check(time.monotonic() - began >= 0.3, "BYE came before the limit")
    matches(r"INT-DRAINING|Q\.850", bye.get("Reason", "Q.850"), "Reason")
    leg.hung_up()
    s.ended()
    s.must("CALL-ENDED")


def test_ringing(s):
    """limits.drain passes: a call that rings has 503 and CANCEL"""
    s.config["limits"]["drain"] = "100ms"
    s.start()
    call, leg = s.ringing(s.pbx(), s.carrier())
    terminate(s)
    leg.cancelled()
    call.expect(503)
    s.ended()


def test_restless_peers(s):
    """no call is up: neither a BYE without answer nor new calls keep the daemon"""
    s.config["limits"]["drain"] = "10m"
    s.config["sip"] = {"t1": "50ms", "t2": "100ms"}
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, _ = s.up(pbx, carrier)
    terminate(s)
    call.request("BYE")
    pbx.expect((200, "BYE"))
    carrier.expect("BYE")
    deadline = time.monotonic() + 2 * WAIT
    while s.daemon.poll() is None:
        check(time.monotonic() < deadline, "the daemon is still there")
        # Its 503 meets no ACK: there is always something to wait for.
        pbx.invite(s.uri())
        with contextlib.suppress(subprocess.TimeoutExpired):
            s.daemon.wait(0.1)
    equal(s.daemon.returncode, 0, "exit status")
    s.daemon = None


def test_second_signal(s):
    """a second SIGTERM: BYE at once"""
    s.config["limits"]["drain"] = "10m"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    terminate(s)
    refused(s, pbx)
    s.daemon.send_signal(signal.SIGTERM)
    call.hung_up()
    leg.hung_up()
    s.ended()


def test_deaf_peers(s):
    """peers that answer no BYE do not keep the daemon"""
    s.config["limits"]["drain"] = "0ms"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.up(pbx, carrier)
    s.daemon.send_signal(signal.SIGTERM)
    pbx.expect("BYE")
    carrier.expect("BYE")
    equal(s.daemon.wait(10), 0, "exit status")
    s.daemon = None


def test_command(s):
    """cordon drain refuses new calls, and the daemon stays"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    equal(s.control("drain"), "draining: new calls are refused\n", "output")
    equal(s.control_json("drain"), [{"draining": True}], "JSON")
    equal(s.control_json("status")[0]["state"], "draining", "state")
    refused(s, pbx)
    s.down(call, leg)
    equal(s.control_json("status")[0]["state"], "draining", "state")
    equal(pbx.options(s.uri()).status, 200, "status of OPTIONS")
