"""ACS-10: a peer that no longer answers OPTIONS is told of, and that it does again."""

import re

from border import check, equal, matches


def answered(carrier, status=200):
    carrier.reply(carrier.expect("OPTIONS", 10), status)


def test_down_and_up(s):
    """once as it goes, once as it comes back: journal, log, cordon trunks"""
    s.config["sip"] = {"t1": "50ms", "t2": "400ms"}
    s.trunk("carrier")["options_interval"] = "1s"
    carrier = s.carrier()
    carrier.answers_options = False
    s.start()
    answered(carrier)
    down = s.expect_entry("OPT-TRUNK-DOWN", wait=20, after="down",
                          trunk="carrier", before=f"{s.ip(3)}:5060")
    equal(down["reason"], "no answer to OPTIONS", "reason")
    s.wait_for_log(r"warning trunk carrier: peer [0-9.:]+ is down: no answer")
    matches("carrier +down .*no answer to OPTIONS", s.control("trunks"),
            "trunks")
    carrier.answers_options = True
    carrier.silent(0.1)
    s.until("up again", lambda: (carrier.silent(0.1), find(s, "up"))[1], 20)
    check(re.search(r"info trunk carrier: peer [0-9.:]+ is up: OPTIONS "
                    "answered 200 again", s.log_text()), "not in the log")
    equal(len(s.entries_of("OPT-TRUNK-DOWN")), 2, "entries")


def find(s, state):
    return [e for e in s.entries_of("OPT-TRUNK-DOWN") if e["after"] == state]


def test_up_from_the_start(s):
    """a peer that answers is nothing to tell of"""
    s.trunk("carrier")["options_interval"] = "1s"
    carrier = s.carrier()
    carrier.answers_options = False
    s.start()
    answered(carrier, 404)
    answered(carrier)
    s.must_not("OPT-TRUNK-DOWN")
