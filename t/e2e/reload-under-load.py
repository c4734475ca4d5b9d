"""A reload every second under load: no call fails, old calls keep their policy."""

import json
import os
import time

from border import BUILD, check, equal, matches
from sip import user_of, uri_of

SECONDS = int(os.environ.get("CORDON_RELOAD_SECONDS", "20"))
RATE = 50
KEPT = 6  # calls of earlier policies that are up at a time
CALLER = "+442079460000"


def generation(s, n):
    """The n-th policy: its number in a header, and From with or without its
    plus."""
    text = {"rules": [{"id": "generation", "set": "X-Generation",
                       "value": str(n), "diagnostic": "SCRUB-PRIVATE-HDR"}],
            "numbers": {"format": "+e164" if n % 2 else "e164",
                        "in": ["from"]},
            "tests": [{"name": "it is that one", "given": "INVITE sip:1@b",
                       "expect": {"values": [f"X-Generation: {n}"]}}]}
    s.policy("carrier", "out", text)
    s.trunk("away")["policy_out"] = s.trunk("carrier")["policy_out"]
    s.config["limits"]["calls"] = 5000 + n
    s.config["routes"][0]["prefix"] = "+" if n % 2 else ""


def configure(s):
    s.config["log"]["level"] = "info"
    s.config["journal"]["memory"] = 1  # MiB, soon full: what grows is a leak
    s.config["trunks"] += [
        {"name": "loud", "listener": "inside", "peers": [f"{s.ip(12)}:5060"]},
        {"name": "away", "listener": "outside", "peers": [f"{s.ip(13)}:5060"]}]
    s.config["routes"].append({"from": "loud", "to": "away"})
    for trunk in s.config["trunks"]:
        trunk["country"] = "GB"
    generation(s, 0)


def load(s):
    return s.background([
        os.path.join(BUILD, "t/peer/load"), "--dut", f"{s.ip(1)}:5060",
        "--caller", f"{s.ip(12)}:5060", "--callee", f"{s.ip(13)}:5060",
        "--rate", str(RATE), "--duration", str(SECONDS), "--hold", "2500"])


def begin_call(s, pbx, carrier, n):
    """A new call has the policy of now."""
    call, leg = s.up(pbx, carrier, [
        ("From", f"<sip:{CALLER}@pbx.example.com>;tag=g{n}")])
    equal(leg.invite.get("X-Generation"), str(n), "policy of a new call")
    equal(user_of(uri_of(leg.invite.get("From"))),
          CALLER if n % 2 else CALLER[1:], f"From of call {n}")
    return n, call, leg


def ask(pbx, carrier, n, call):
    """A call of before has the policy that it began with."""
    call.request("INFO", [("Content-Type", "text/plain"),
                          ("X-Generation", "none")], str(n).encode())
    info = carrier.expect("INFO")
    equal((info.get("X-Generation"), info.body), (str(n), str(n).encode()),
          f"policy of the call of generation {n}")
    carrier.reply(info, 200)
    pbx.expect((200, "INFO"))


def memory(s):
    """KiB that the daemon has in memory."""
    with open(f"/proc/{s.daemon.pid}/status", encoding="utf-8") as f:
        return next(int(l.split()[1]) for l in f if l.startswith("VmRSS"))


def test_every_second(s):
    """a new policy each second under 50 calls a second"""
    configure(s)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    calls = [begin_call(s, pbx, carrier, 0)]
    process, asked, slowest, early = load(s), 0, 0.0, 0
    deadline = time.monotonic()
    for n in range(1, SECONDS + 1):
        generation(s, n)
        s.write_config()
        begun = time.monotonic()
        said = s.control("reload")
        matches(r"(?m)^reloaded$", said, f"reload {n}")
        equal(said.count("the policy file has changed"), 1, said)
        slowest = max(slowest, time.monotonic() - begun)
        calls.append(begin_call(s, pbx, carrier, n))
        for of, call, _ in calls:
            ask(pbx, carrier, of, call)
            asked += 1
        if len(calls) > KEPT:
            _, call, leg = calls.pop(0)
            s.down(call, leg)
        if n == max(SECONDS // 4, 8):
            early = memory(s)
        deadline += 1
        time.sleep(max(0.0, deadline - time.monotonic()))
    equal(process.wait(60), 0, "status of load")
    late = memory(s)
    with open(s.path("load.log"), encoding="utf-8") as f:
        figures = json.loads(f.read().strip().splitlines()[-1])
    for _, call, leg in calls:
        s.down(call, leg)
    print(f"# {SECONDS} reloads in {SECONDS} s, the slowest took "
          f"{slowest * 1000:.0f} ms; {asked} messages of older calls had their "
          f"own policy; {early} KiB then {late} KiB; load: {figures}")
    check(early == 0 or late < early * 2,
          f"{early} KiB in memory became {late}")
    reloads = [e for e in s.journal() if e["diagnostic"] == "CFG-RELOADED"]
    equal(len(reloads), SECONDS, "reloads")
    s.must_not("CFG-REFUSED", "POL-VETOED")
