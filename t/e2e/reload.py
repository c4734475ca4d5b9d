"""A new configuration while calls are up: all of it, or nothing."""

import os
import signal
import time

from border import BUILD, HERE, Timeout, check, equal, matches, need
from sip import WAIT, Authority, offer

RELOADS = 50
PACE = 0.1
POLICIES = 200
TLS_TRUNKS = 60


def other_carrier(s):
    """A second carrier that no route leads to yet."""
    s.config["trunks"].append({
        "name": "other", "listener": "outside",
        "peers": [f"{s.ip(5)}:5060"]})
    return s.carrier(5)


def refused(s, pattern):
    """Reloads both ways; each says where the fault is, and changes nothing."""
    status = s.control_json("status")[0]["loaded"]
    said = s.control("reload", status=1)
    matches(pattern, said, "what cordon reload says")
    matches(r"(?m)^cordon: refused", said, "what cordon reload says")
    behind = len(s.log_text())
    s.daemon.send_signal(signal.SIGHUP)
    s.wait_for_log(pattern, behind=behind)
    s.expect_entry("CFG-REFUSED", kind="system")
    equal(s.control_json("status")[0]["loaded"], status, "time of loading")
    s.must_not("CFG-RELOADED")


def test_new_route(s):
    """new calls take the new route and policy, a call in progress keeps its own"""
    other = other_carrier(s)
    s.policy("carrier", "out", {"headers": {"relay": ["X-Mark"]}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    mark = [("X-Mark", "1")]
    call, leg = s.up(pbx, carrier, mark)
    equal(leg.invite.get("X-Mark"), "1", "X-Mark before the reload")

    s.policy("carrier", "out", {"headers": {"absent": ["X-Mark"]}})
    s.config["routes"][0]["to"] = "other"
    s.config["routes"].append({"from": "other", "to": "carrier"})
    s.reload()
    s.expect_entry("CFG-RELOADED", kind="system")
    new, new_leg = s.up(pbx, other)
    call.request("INFO", [("Content-Type", "text/plain"), *mark], b"old")
    info = carrier.expect("INFO")
    equal(info.get("X-Mark"), "1", "X-Mark in the call of before")
    carrier.reply(info, 200)
    pbx.expect((200, "INFO"))
    third, third_leg = s.up(other, carrier, mark,
                            uri=f"sip:{s.ip(4)}:5060;user=phone"
                            .replace("sip:", "sip:+442079460123@"))
    check(not third_leg.invite.has("X-Mark"),
          "the new policy is not in force for a new call")
    for ends in ((call, leg), (new, new_leg), (third, third_leg)):
        s.down(*ends)


def test_command(s):
    """cordon reload says that it did, in words and as JSON"""
    s.start()
    s.write_config()
    equal(s.control("reload"), "reloaded\n", "output")
    equal(s.control_json("reload"),
          [{"reloaded": True, "problems": [], "changes": []}], "JSON")
    s.must("CFG-RELOADED", kind="system")
    s.must_not("CFG-REFUSED")


def test_changes(s):
    """what a reload has changed is said to who asks, in the log and the journal"""
    s.policy("carrier", "out", {"headers": {"absent": ["X-Mark"]}})
    s.config["inventory"] = [s.write("ours.numbers", "+442079460000\n")]
    s.start()
    s.policy("carrier", "out", {"headers": {"absent": ["X-Other"]}})
    s.write("ours.numbers", "+442079460000\n+442079460001\n")
    s.trunk("carrier")["max_calls"] = 7
    s.config["limits"]["retry_after"] = "20s"
    other_carrier(s)
    s.write_config()
    wanted = [r"limits\.retry_after: \"20s\", was \"10s\"",
              r"cordon\.conf:\d+: trunk \"carrier\": max_calls: 7, was 0",
              r"cordon\.conf:\d+: trunk \"other\" is new",
              r"carrier-out\.conf: the policy file has changed",
              r"the inventory has 2 entries, it had 1"]
    said = s.control("reload")
    for pattern in wanted:
        matches(pattern, said, "what cordon reload says")
        s.wait_for_log(r" info .*" + pattern)
    entry = s.expect_entry("CFG-RELOADED", kind="system")
    matches(r'^5 changes: .*trunk "other" is new', entry["reason"], "reason")
    s.config["trunks"].pop()
    s.write_config()
    changes = s.control_json("reload")[0]["changes"]
    equal([c["text"] for c in changes], ['trunk "other" is gone'], "changes")
    s.write("carrier-out.conf", "policy = { };")
    s.control("reload", status=1)
    counters = {c["counter"]: c["value"]
                for c in s.control_json("counters")
                if "counter" in c}
    equal((counters["reload.done"], counters["reload.refused"]), (2, 1),
          "counters")


def test_bad_configuration(s):
    """a file with an unknown option is refused, with file and line"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    s.write("cordon.conf", "user_agent = \"X\";\n\nlimitz = { calls = 1; };\n")
    refused(s, r"cordon\.conf:3: .*limitz")
    s.down(call, leg)
    s.down(*s.up(pbx, carrier))


def test_bad_policy(s):
    """a policy file with a fault is refused, with its own file and line"""
    s.policy("carrier", "out", {"headers": {"absent": ["X-Mark"]}})
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    s.write("carrier-out.conf",
            "policy = {\n  name = \"x\";\n"
            "  identity = { asserted = \"never\"; };\n};\n")
    refused(s, r"carrier-out\.conf:3: .*asserted")
    s.down(call, leg)
    s.down(*s.up(pbx, carrier))


def test_half_written(s):
    """a file that ends in the middle is refused"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    with open(s.path("cordon.conf"), encoding="utf-8") as f:
        text = f.read()
    s.write("cordon.conf", text[:text.index("trunks") + 20])
    refused(s, r"cordon\.conf:\d+: ")
    s.down(*s.up(pbx, carrier))


def test_gone(s):
    """a file that is not there is refused"""
    s.start()
    os.unlink(s.path("cordon.conf"))
    refused(s, r"cordon\.conf.*: .*No such file")
    s.down(*s.up(s.pbx(), s.carrier()))


def test_address_in_use(s):
    """a listener that cannot be opened is refused, and the old ones go on"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.listener("inside")["address"] = f"{s.ip(3)}:5060"
    s.write_config()
    refused(s, r"cordon\.conf:\d+: .*listener \"inside\"")
    s.down(*s.up(pbx, carrier))


def test_renamed_listener(s):
    """a listener with another name at the same address takes a restart, and the
    refusal says so"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.listener("outside")["name"] = "wan"
    s.trunk("carrier")["listener"] = "wan"
    s.write_config()
    refused(s, r"listener \"wan\": .* in use, by listener \"outside\" .*restart")
    s.down(*s.up(pbx, carrier))


def test_restart(s):
    """an option that needs a restart is named in a warning"""
    s.start()
    s.config["journal"]["queue"] = 1024
    s.write_config()
    said = s.control("reload")
    matches(r"warning: .*journal\.queue", said, "what cordon reload says")
    matches(r"(?m)^reloaded$", said, "what cordon reload says")
    behind = len(s.log_text())
    s.daemon.send_signal(signal.SIGHUP)
    s.wait_for_log(r"warning .*cordon\.conf: journal\.queue", behind=behind)
    matches(r"queue = 65536;", s.control("show", "config"), "what is in use")


def test_listener(s):
    """a listener that is new or has moved is open after the reload"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.config["listeners"].append({
        "name": "third", "transport": "udp", "address": f"{s.ip(6)}:5060"})
    s.trunk("carrier")["listener"] = "third"
    s.listener("inside")["address"] = f"{s.ip(7)}:5060"
    s.write_config()
    matches(r"(?m)^reloaded$", s.control("reload"), "output")
    pbx.peer = s.ip(7), 5060
    call, leg = s.up(pbx, carrier)
    equal(leg.invite.source, (s.ip(6), 5060), "source of the INVITE")
    s.down(call, leg)


def test_trunk_gone(s):
    """a trunk that is gone makes no calls, and ends those that it has"""
    other = other_carrier(s)
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    first, second = s.up(pbx, carrier), s.up(pbx, carrier)
    s.config["trunks"] = [t for t in s.config["trunks"]
                          if t["name"] != "carrier"]
    s.config["routes"] = [{"from": "pbx", "to": "other"},
                          {"from": "other", "to": "pbx"}]
    s.reload()
    s.down(*first)
    second[1].request("BYE")
    second[0].hung_up()
    carrier.expect((200, "BYE"))
    carrier.send(carrier.request("INVITE", f"sip:1@{s.ip(4)}:5060",
                                 body=offer(s.ip(3))))
    s.down(*s.up(pbx, other))
    carrier.silent(0.05)
    s.must("ACL-UNKNOWN-SOURCE")


def test_listener_gone(s):
    """a listener that is gone: the call is ended from its other side"""
    other_carrier(s)
    s.config["listeners"].append({
        "name": "third", "transport": "udp", "address": f"{s.ip(6)}:5060"})
    s.trunk("other")["listener"] = "third"
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call, leg = s.up(pbx, carrier)
    s.config["listeners"] = [l for l in s.config["listeners"]
                             if l["name"] != "outside"]
    s.config["trunks"] = [t for t in s.config["trunks"]
                          if t["name"] != "carrier"]
    s.config["routes"] = [{"from": "pbx", "to": "other"},
                          {"from": "other", "to": "pbx"}]
    s.reload()
    leg.request("BYE")  # goes nowhere
    call.request("BYE")
    pbx.expect((200, "BYE"))
    equal(s.control("calls"), "none\n", "calls")
    s.must("CALL-ENDED")


def wait_for_file(path, text):
    deadline = time.monotonic() + WAIT
    while True:
        if os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                if text in f.read():
                    return
        if time.monotonic() > deadline:
            raise Timeout(f"no {text!r} in {path}")
        time.sleep(0.02)


def test_rotation(s):
    """after a rename SIGHUP lets journal and log go on in new files"""
    s.config["log"]["file"] = s.path("stderr")
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    s.down(*s.up(pbx, carrier))
    s.expect_entry("CALL-ENDED")
    for name in ("journal", "stderr"):
        os.rename(s.path(name), s.path(name + ".1"))
    s.daemon.send_signal(signal.SIGHUP)
    # The files are opened again before the reload is over.
    wait_for_file(s.path("stderr"), "reloaded")
    wait_for_file(s.path("journal"), "CFG-RELOADED")
    s.control("log", "level", "debug")
    s.down(*s.up(pbx, carrier))
    s.expect_entry("CALL-ENDED")
    for name in ("journal", "stderr"):
        equal(os.stat(s.path(name)).st_mode & 0o777, 0o640, f"mode of {name}")


def calls_while_reloading(s):
    """Calls one after the other until cordon reload ends: none of them waits for
    a good part of it."""
    pbx, carrier = s.pbx(), s.carrier()
    begin = time.monotonic()
    reload = s.background(s.cordon("reload"), "reload")
    calls, slowest = 0, 0.0
    while reload.poll() is None:
        called = time.monotonic()
        s.down(*s.up(pbx, carrier))
        slowest = max(slowest, time.monotonic() - called)
        calls += 1
    took = time.monotonic() - begin
    equal(reload.returncode, 0, "exit status")
    told = (f"{calls} calls in {took * 1000:.0f} ms, the slowest took "
            f"{slowest * 1000:.0f} ms")
    print(f"# {told}")
    check(calls > 5 and slowest < took / 4, told)


def many_policies(s):
    """Hundreds of trunks, each with a policy file of its own with tests inside;
    the last two share one."""
    with open(os.path.join(HERE, "..", "..", "policies",
                           "twilio-termination.conf"), encoding="utf-8") as f:
        text = f.read()
    for i in range(POLICIES):
        s.config["trunks"].append({
            "name": f"t{i}", "listener": "outside", "country": "GB",
            "peers": [f"10.1.{i // 250}.{i % 250 + 1}:5060"],
            "domain": "example.pstn.twilio.com",
            "policy_out": s.write(f"p{i}.conf", text)})
    s.config["trunks"].append({
        **s.config["trunks"][-1], "name": "shares", "peers": ["10.2.1.1"]})


def test_many_policies(s):
    """calls go on while hundreds of policies are loaded and their tests run"""
    many_policies(s)
    s.start()
    calls_while_reloading(s)
    s.write(f"p{POLICIES - 1}.conf", "policy = {\n  name = \"x\"; title = \"X\";\n  nane = \"x\";\n};\n")
    said = s.control("reload", status=1)
    equal(said.count("did you mean"), 1, f"times it is said in {said}")
    s.must_not("INT-OVERLOAD")


def test_many_authorities(s):
    """calls go on while the CAs of many TLS trunks are read"""
    need("openssl")
    authority = Authority(s.directory)
    certificate, key = authority.issue("border", "sbc.example.com")
    with open(authority.ca, encoding="utf-8") as f:
        authorities = f.read() * 150
    s.config["listeners"].append({
        "name": "tls", "transport": "tls", "address": f"{s.ip(4)}:5061",
        "certificate": certificate, "key": key, "ca": authority.ca})
    for i in range(TLS_TRUNKS):
        s.config["trunks"].append({
            "name": f"t{i}", "listener": "tls", "peers": [f"10.1.1.{i + 1}"],
            "fqdn": "sbc.example.com", "tls_names": ["carrier.example.net"],
            "ca": s.write(f"ca{i}.pem", authorities)})
    s.start()
    calls_while_reloading(s)
    s.must("CFG-RELOADED")


def test_under_load(s):
    """50 reloads in 5 seconds, 50 calls a second: every call is good"""
    s.config["log"]["level"] = "info"
    s.start()
    load = s.background([
        os.path.join(BUILD, "t/peer/load"), "--dut", f"{s.ip(1)}:5060",
        "--caller", f"{s.ip(2)}:5060", "--callee", f"{s.ip(3)}:5060",
        "--rate", "50", "--duration", "5", "--hold", "300"])
    behind = len(s.log_text())
    deadline = time.monotonic()
    for i in range(RELOADS):
        s.config["routes"][0]["prefix"] = "+" if i % 2 else ""
        s.config["limits"]["calls"] = 5000 + i
        s.write_config()
        s.daemon.send_signal(signal.SIGHUP)
        deadline += PACE
        time.sleep(max(0.0, deadline - time.monotonic()))
    equal(load.wait(30), 0, "status of load: " + open(
        s.path("load.log"), encoding="utf-8").read())
    counted = s.log_text()[behind:].count("reloaded ")
    check(counted > RELOADS / 2, f"only {counted} reloads")
    s.must_not("CFG-REFUSED")
