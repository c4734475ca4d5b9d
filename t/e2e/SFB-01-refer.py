"""SFB-01: a REFER of the PBX becomes an INVITE to the target and a re-INVITE to who
waits; the carrier sees no REFER."""

import re

from border import NUMBER, check, equal, matches
from refer import Transferor, Watch, accept, media, replaces, settle
from sip import Udp, offer, parameter

TARGET = "+442079460099"
HOME, STAYING, TARGETS = 40000, 41000, 42000


class Transfer:
    """A call of the PBX, and what becomes of it."""

    def __init__(self, s, carrier=None, dialled=NUMBER):
        self.s = s
        s.start()
        self.pbx, self.carrier = s.pbx(), carrier or s.carrier()
        if carrier is not None:
            carrier.connect()
        self.watch = Watch(self.pbx, self.carrier)
        self.call, self.leg = s.up(self.pbx, self.carrier, uri=s.uri(dialled))
        self.asks = Transferor(self.call)
        self.target = None

    def refer(self, fields=(), number=TARGET, headers=""):
        self.asks.refer(self.s.uri(number) + headers, fields)

    def begin(self, fields=(), number=TARGET, headers=""):
        """Up to the INVITE that the target gets."""
        self.refer(fields, number, headers)
        self.asks.accepted()
        self.asks.notified(100)
        self.target = self.carrier.incoming()
        return self.target.invite

    def rings(self):
        self.target.reply(180)
        self.asks.notified(180)

    def answers(self):
        """The target answers, and who waits is asked; its offer."""
        self.target.reply(200, body=offer(self.carrier.host, TARGETS))
        self.carrier.expect("ACK")
        return self.joins()

    def joins(self):
        asked = accept(self.carrier, STAYING)
        equal(asked.get("Call-ID"), self.leg.invite.get("Call-ID"),
              "Call-ID of the re-INVITE")
        equal(media(asked), (self.carrier.host, TARGETS),
              "media of the target, as who waits is told")
        return asked

    def done(self):
        self.asks.notified(200, last=True)

    def refused_with(self, status):
        self.target.reply(status)
        self.carrier.expect("ACK")

    def goes_on(self):
        """The old call is alive: a request passes each way."""
        self.call.request("INFO")
        self.carrier.reply(self.carrier.expect("INFO"), 200)
        self.pbx.expect((200, "INFO"))
        self.leg.request("INFO")
        self.pbx.reply(self.pbx.expect("INFO"), 200)
        self.carrier.expect((200, "INFO"))

    def ends_joined(self):
        """Who waited hangs up, and the target hears of it."""
        self.leg.request("BYE")
        self.carrier.expect((200, "BYE"))
        bye = self.target.hung_up()
        equal(bye.get("Call-ID"), self.target.invite.get("Call-ID"),
              "Call-ID of the BYE")
        self.judge()

    def ends_unharmed(self):
        self.goes_on()
        self.s.down(self.call, self.leg)
        self.judge()

    def judge(self):
        self.watch.never(self.carrier, "REFER", "NOTIFY")
        self.watch.judge()


# -- blind --------------------------------------------------------------------

def test_blind(s):
    """blind: 202, NOTIFYs, INVITE and re-INVITE, BYE"""
    t = Transfer(s)
    invite = t.begin()
    equal(invite.uri.split("@")[0], f"sip:{TARGET}", "who is called")
    check(invite.has("Referred-By"), "no Referred-By")
    check(not invite.has("Replaces") and not invite.has("Refer-To"),
          "a header of the REFER is in the INVITE")
    check(invite.get("Call-ID") != t.leg.invite.get("Call-ID"), "same Call-ID")
    equal(media(invite), (s.ip(3), STAYING),
          "media of who waits, as the target is told")
    t.rings()
    t.answers()
    t.done()
    t.call.hang_up()
    t.ends_joined()
    s.must("XFR-REFER-REFUSED", kind="rewrite",
           after=re.compile("INVITE to the target"))
    s.must("CALL-LEGS", leg="target")
    s.must("XFR-DONE", leg="caller", trunk="pbx", before=TARGET, after="joined")
    s.must("CALL-ENDED", target="callee-hung-up")
    s.must_not("XFR-BYE-LATE", "XFR-FAILED", "DLG-GLARE", "XFR-REPLACES")


def test_shown(s):
    """cordon calls, call and why: three parties, who asked, what came of it"""
    t = Transfer(s)
    s.background(s.cordon("calls", "--follow"), log="follow")
    s.until("who follows", lambda: " up " in s.read("follow"))
    t.begin()
    row = rf"pbx +actor +carrier +\{NUMBER} +carrier +\{TARGET}"
    matches(rf"(?m)^\w+ +transferring +.*{row}$", s.control("calls"))
    t.answers()
    t.done()
    t.call.hang_up()
    matches(rf"(?m)^\w+ +up +.*{row}$", s.control("calls"))
    s.until("a line for the transfer", lambda: re.search(
        rf"transfer +pbx actor -> carrier \{NUMBER}, transferred to carrier "
        rf"\{TARGET}", s.read("follow")))
    call = s.control_json("calls")[0]
    equal(call["target"]["call_id"], t.target.invite.get("Call-ID"), "Call-ID")
    matches(rf"(?m)^target +carrier +\{TARGET}$",
            s.control("call", call["call"]))
    t.target.request("BYE")
    t.carrier.expect((200, "BYE"))
    t.leg.hung_up()
    s.expect_entry("CALL-ENDED", target="target-hung-up")
    for word in (TARGET, NUMBER, t.target.invite.get("Call-ID"),
                 t.call.invite.get("Call-ID")):
        said = re.sub(r"\s+", " ", s.control("why", word))
        matches(rf"caller actor on trunk pbx .* callee \{NUMBER} on trunk "
                rf"carrier .* target \{TARGET} on trunk carrier ", said)
        matches(rf"XFR-DONE A transfer is done \{NUMBER} talks to \{TARGET} "
                r"now, \d+ ms after a blind transfer was asked for", said)
        matches("End .*the party that a transfer brought in hung up", said)


def test_of_the_called_side(s):
    """blind, by the party that was called"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    watch = Watch(pbx, carrier)
    call, leg = s.up(carrier, pbx, uri=f"sip:+442079460001@{s.ip(4)}:5060")
    settle(carrier, f"sip:{s.ip(4)}:5060")
    asks = Transferor(leg)
    asks.refer(s.uri(TARGET))
    asks.accepted()
    asks.notified(100)
    target = carrier.incoming()
    equal(media(target.invite), (s.ip(3), HOME), "media of the caller")
    target.reply(200, body=offer(s.ip(3), TARGETS))
    carrier.expect("ACK")
    equal(media(accept(carrier, HOME)), (s.ip(3), TARGETS), "media")
    asks.notified(200, last=True)
    leg.hang_up()
    call.request("BYE")
    carrier.expect((200, "BYE"))
    target.hung_up()
    watch.never(carrier, "REFER", "NOTIFY")
    watch.judge()


def test_early_media(s):
    """who waits hears the target before it answers"""
    t = Transfer(s)
    t.begin()
    t.target.reply(183, body=offer(s.ip(3), TARGETS))
    t.asks.notified(183)
    t.joins()
    t.target.reply(200, body=offer(s.ip(3), TARGETS))
    t.carrier.expect("ACK")
    t.done()
    t.call.hang_up()
    t.ends_joined()


def test_other_answer(s):
    """who waits answers otherwise than the target was told: it is told again"""
    t = Transfer(s)
    t.begin()
    t.target.reply(200, body=offer(s.ip(3), TARGETS))
    t.carrier.expect("ACK")
    asked = t.carrier.expect("INVITE")
    t.leg.reply(200, request=asked, body=offer(s.ip(3), STAYING + 2, codecs="8"))
    t.carrier.expect("ACK")
    told = accept(t.carrier, TARGETS)
    equal(told.get("Call-ID"), t.target.invite.get("Call-ID"), "Call-ID")
    equal(media(told), (s.ip(3), STAYING + 2), "media")
    t.done()
    t.call.hang_up()
    t.ends_joined()


def test_no_notify_wanted(s):
    """Refer-Sub: false has no NOTIFY"""
    t = Transfer(s)
    t.refer([("Refer-Sub", "false")])
    equal(t.asks.accepted().get("Refer-Sub"), "false", "Refer-Sub")
    t.target = t.carrier.incoming()
    t.target.reply(180)
    t.answers()
    t.call.hang_up()
    t.watch.never(t.pbx, "NOTIFY")
    t.ends_joined()


def test_over_tls(s):
    """a trunk on TLS"""
    s.tls_carrier()
    t = Transfer(s, s.carrier_tls())
    invite = t.begin()
    matches(r"^SIP/2\.0/TLS ", invite.get("Via"), "Via")
    t.rings()
    t.answers()
    t.done()
    t.call.hang_up()
    t.ends_joined()


# -- the target is not had -----------------------------------------------------

def test_busy(s):
    """486: the transferor is told, and the old call stays"""
    t = Transfer(s)
    t.begin()
    t.refused_with(486)
    t.asks.notified(486, last=True)
    t.ends_unharmed()
    s.must("XFR-FAILED", before=TARGET, after="486 Busy Here",
           reason=re.compile("stays with who asked"))
    s.must_not("XFR-BYE-LATE", "XFR-DONE")


def test_busy_behind_early_media(s):
    """486 after early media: who waits gets the old media back"""
    t = Transfer(s)
    t.begin()
    t.target.reply(183, body=offer(s.ip(3), TARGETS))
    t.asks.notified(183)
    t.joins()
    t.refused_with(486)
    t.asks.notified(486, last=True)
    equal(media(accept(t.carrier, STAYING)), (s.ip(2), HOME), "media")
    t.ends_unharmed()


def test_no_answer(s):
    """nobody answers within sip.ring"""
    s.config["sip"] = {"ring": "5s"}
    t = Transfer(s)
    t.begin()
    t.rings()
    cancel = t.carrier.expect("CANCEL", 10)
    t.carrier.reply(cancel, 200)
    t.refused_with(487)
    t.asks.notified(408, last=True)
    t.ends_unharmed()


def test_no_route(s):
    """a number that no route takes: 404, and nothing is sent"""
    s.config["routes"][0]["prefix"] = "+44"
    t = Transfer(s)
    t.refer(number="+19005550100")
    t.asks.accepted()
    t.asks.notified(404, last=True)
    t.ends_unharmed()
    s.must("RTE-NO-MATCH", leg="target")


def test_trunk_full(s):
    """the target's trunk is full: 503"""
    s.trunk("carrier")["max_calls"] = 1
    t = Transfer(s)
    t.refer()
    t.asks.accepted()
    t.asks.notified(503, last=True)
    t.ends_unharmed()
    s.must("CAP-CONCURRENT", leg="target")


def test_policy(s):
    """the target's policy refuses the INVITE: 403"""
    s.policy("carrier", "out", {"identity": {"invalid_ani": "reject"}})
    s.trunk("carrier")["country"] = "GB"
    t = Transfer(s, dialled="+44207")
    t.refer()
    t.asks.accepted()
    t.asks.notified(100)
    t.asks.notified(403, last=True)
    t.ends_unharmed()
    s.must("CLI-ANI-INVALID", leg="target", message="INVITE")


def test_headers_of_the_refer_to(s):
    """Referred-By is copied once; what may not pass does not"""
    t = Transfer(s)
    invite = t.begin(
        [("Referred-By", "<sip:boss@pbx.example>;cid=1")], headers=(
            "?Subject=a%20question&Route=%3Csip:evil.example%3E"
            "&P-Asserted-Identity=%3Csip:1@evil.example%3E"
            "&Referred-By=%3Csip:evil@evil.example%3E&X-Tag=1"))
    equal(invite.all("Referred-By"), ["<sip:boss@pbx.example>;cid=1"],
          "Referred-By")
    equal(invite.get("Subject"), "a question", "Subject")
    check(not invite.has("Route") and not invite.has("P-Asserted-Identity")
          and not invite.has("X-Tag"), f"what was embedded passed:\n{invite}")
    t.answers()
    t.done()
    t.call.hang_up()
    t.ends_joined()


def test_of_teams(s):
    """a Refer-To of 400 characters that names nobody: its parameters come back"""
    s.trunk("carrier")["domain"] = "sip.pstnhub.microsoft.com"
    t = Transfer(s)
    params = (f";x-m=8:orgid:{'0123456789' * 8};x-t={'a1b2-' * 12}"
              f";x-ti={'c3d4-' * 12};x-tt=aHR0cHM6Ly9hcGku{'QUJD' * 36}")
    uri = f"sip:sip.pstnhub.microsoft.com:5061;transport=tls{params}"
    check(len(uri) >= 400, f"only {len(uri)} characters")
    t.asks.refer(uri, [("Referred-By", f"<sip:+442079460123@x{params}>")])
    t.asks.accepted()
    t.asks.notified(100)
    t.target = t.carrier.incoming()
    equal(t.target.invite.uri, f"sip:sip.pstnhub.microsoft.com{params}",
          "Request-URI")
    equal(t.target.invite.get("Referred-By"),
          f"<sip:+442079460123@x{params}>", "Referred-By")
    t.answers()
    t.done()
    t.call.hang_up()
    t.ends_joined()


# -- the order of things ----------------------------------------------------------

def test_before_the_answer(s):
    """REFER while the call rings: 491, and the call goes on"""
    s.start()
    pbx, carrier = s.pbx(), s.carrier()
    call = pbx.invite(s.uri())
    leg = carrier.incoming()
    leg.reply(180)
    call.remote_target = f"sip:{s.ip(1)}:5060"
    call.answer = call.expect(180)
    asks = Transferor(call)
    asks.refer(s.uri(TARGET))
    matches("DLG-GLARE", asks.refused(491).get("Warning"), "Warning")
    leg.reply(200, body=offer(s.ip(3), STAYING))
    call.cseq = call.invite.cseq
    call.connect()
    carrier.expect("ACK")
    call.cseq += 1
    s.down(call, leg)
    s.must("DLG-GLARE")


def test_two(s):
    """a second REFER meanwhile: 491"""
    t = Transfer(s)
    t.begin()
    t.refer(number="+442079460098")
    t.asks.refused(491)
    t.leg.request("REFER", [("Refer-To", f"<sip:1@{s.ip(4)}>")])
    t.carrier.expect((491, "REFER"))
    t.rings()
    t.answers()
    t.done()
    t.call.hang_up()
    t.ends_joined()


def test_after_the_bye(s):
    """REFER of a call that is over: 481"""
    t = Transfer(s)
    s.down(t.call, t.leg)
    t.refer()
    t.asks.refused(481)
    t.carrier.silent(0.2)
    t.judge()


def test_transferor_hangs_up_first(s):
    """BYE of the transferor before the target answers: the transfer goes on"""
    t = Transfer(s)
    t.begin()
    t.call.hang_up()
    t.target.reply(180)
    t.answers()
    t.ends_joined()
    s.must_not("XFR-BYE-LATE")


def test_transferor_hangs_up_and_busy(s):
    """nobody is left to come back to: who waits has a BYE with the reason"""
    t = Transfer(s)
    t.begin()
    t.call.hang_up()
    t.refused_with(486)
    matches("cause=31", t.leg.hung_up().get("Reason"), "Reason")
    t.judge()
    s.must("XFR-FAILED", reason=re.compile("has nobody left"))
    s.must("XFR-REFER-REFUSED", kind="end", target="transfer-failed")


def test_waiting_party_hangs_up(s):
    """who waits hangs up: the target is cancelled"""
    t = Transfer(s)
    t.begin()
    t.rings()
    t.leg.request("BYE")
    t.carrier.expect((200, "BYE"))
    t.asks.notified(487, last=True)
    t.carrier.reply(t.carrier.expect("CANCEL"), 200)
    t.call.hung_up()
    t.refused_with(487)
    t.judge()


def test_again_and_again(s):
    """thirty transfers of one call that fail; the next is refused with 482"""
    s.trunk("carrier")["transfer"] = "local"
    t = Transfer(s)
    for n in range(30):
        t.refer(number=f"+4420794601{n:02}")
        t.asks.accepted()
        t.asks.notified(100)
        t.carrier.incoming().reply(486)
        t.carrier.expect("ACK")
        last = t.asks.notified(486, last=True)
        check(n == 0 or re.match(r"refer;id=\d+$", last.get("Event")),
              f"Event of transfer {n} is {last.get('Event')!r}")
    t.refer()
    matches("LOOP-DETECTED", t.asks.refused(482).get("Warning"), "Warning")
    t.ends_unharmed()


# -- a target that says where else it is --------------------------------------------

ELSEWHERE = "+442079460077"


def moved(t):
    t.target.reply(302, [("Contact", f"<sip:{ELSEWHERE}@203.0.113.9>")])
    t.carrier.expect("ACK")


def test_target_redirected(s):
    """302 of the target, redirect = "follow": the number in it is asked instead"""
    s.trunk("carrier")["redirect"] = "follow"
    t = Transfer(s)
    t.begin()
    moved(t)
    t.target = t.carrier.incoming()
    equal(t.target.invite.uri.split("@")[0], f"sip:{ELSEWHERE}", "who is called")
    matches(re.escape(TARGET), t.target.invite.get("Diversion"), "Diversion")
    t.rings()
    t.answers()
    t.done()
    t.call.hang_up()
    t.ends_joined()
    s.must("RTE-REDIRECTED", kind="rewrite", before=TARGET, after=ELSEWHERE)
    s.must("XFR-DONE", before=ELSEWHERE, after="joined")
    s.must_not("XFR-FAILED")


def test_target_redirected_and_refused(s):
    """302 of the target, not followed: the transfer fails with 480"""
    t = Transfer(s)
    t.begin()
    moved(t)
    t.asks.notified(480, last=True)
    t.carrier.silent(0.2)
    t.ends_unharmed()
    s.must("XFR-FAILED", before=TARGET, after=re.compile("^480"))
    s.must_not("RTE-REDIRECTED", "XFR-DONE")


# -- attended -----------------------------------------------------------------------

class Attended(Transfer):
    """And a second call of the PBX, to the target."""

    def __init__(self, s):
        super().__init__(s)
        self.consult, self.target = s.up_to(
            self.pbx, self.carrier, s.uri(TARGET), TARGETS)

    def ask(self, fields=()):
        self.refer(fields, headers="?" + replaces(self.consult))


def test_attended(s):
    """attended: both who stay are re-INVITEd, both calls of the transferor end"""
    t = Attended(s)
    t.ask()
    t.asks.accepted()
    t.asks.notified(100)
    told = accept(t.carrier, TARGETS)
    equal(told.get("Call-ID"), t.target.invite.get("Call-ID"), "Call-ID")
    equal(media(told), (s.ip(3), STAYING), "media of who waits")
    t.joins()
    t.done()
    t.call.hang_up()
    t.consult.hung_up()
    t.ends_joined()
    s.must("XFR-REFER-REFUSED", after=re.compile("joined by re-INVITE"))
    s.must("CALL-ENDED", target="transferred")
    s.must("XFR-DONE", before=TARGET, reason=re.compile("attended"))
    s.must_not("XFR-BYE-LATE")


class TwoTrunks(Transfer):
    """The PBX has a trunk more, to another carrier, and consults by that one."""

    def __init__(self, s, **options):
        s.config["listeners"] += [
            {"name": n, "transport": "udp", "address": f"{s.ip(last)}:5060"}
            for n, last in (("inside2", 5), ("outside2", 6))]
        s.config["trunks"] += [
            {"name": "pbx2", "listener": "inside2",
             "peers": [f"{s.ip(7)}:5060"], **options},
            {"name": "carrier2", "listener": "outside2",
             "peers": [f"{s.ip(8)}:5060"]}]
        s.config["routes"].append({"from": "pbx2", "to": "carrier2"})
        super().__init__(s)
        self.pbx2 = s.actor(Udp(s.ip(7), 5060, (s.ip(5), 5060)))
        self.carrier2 = s.actor(Udp(s.ip(8), 5060, (s.ip(6), 5060)))
        self.watch.attach(self.pbx2)
        self.watch.attach(self.carrier2)
        self.consult, self.target = s.up_to(
            self.pbx2, self.carrier2, f"sip:{TARGET}@{s.ip(5)}:5060", TARGETS)
        # It is up: the ACK of the PBX has come.
        settle(self.pbx2, f"sip:{s.ip(5)}:5060")

    def ask(self):
        self.refer(headers="?" + replaces(self.consult))


def test_attended_by_two_trunks(s):
    """attended: the consultation is a call of another trunk of the PBX"""
    t = TwoTrunks(s)
    t.ask()
    t.asks.accepted()
    t.asks.notified(100)
    told = accept(t.carrier2, TARGETS)
    equal(media(told), (s.ip(3), STAYING), "media of who waits")
    check(not told.has("Replaces"), f"the target sees how:\n{told}")
    asked = accept(t.carrier, STAYING)
    equal(media(asked), (s.ip(8), TARGETS), "media of the target")
    t.done()
    t.call.hang_up()
    t.consult.hung_up()
    t.leg.request("BYE")
    t.carrier.expect((200, "BYE"))
    t.target.hung_up()
    t.judge()
    s.must("XFR-REFER-REFUSED", after=re.compile("joined by re-INVITE"))
    s.must("XFR-DONE", before=TARGET, reason=re.compile("attended"))
    s.must("CALL-ENDED", target="transferred")
    s.must_not("XFR-REPLACES", "XFR-FAILED")


def test_attended_of_a_trunk_that_keeps_its_calls(s):
    """replaces = "trunk": 481 to another trunk, and both calls go on"""
    t = TwoTrunks(s, replaces="trunk")
    t.ask()
    matches("XFR-REPLACES", t.asks.refused(481).get("Warning"), "Warning")
    s.down(t.consult, t.target)
    t.ends_unharmed()
    s.must("XFR-REPLACES", before="pbx2", trunk="pbx",
           reason=re.compile("its option replaces does not allow"))
    s.must_not("XFR-DONE")


def test_attended_and_refused(s):
    """the target refuses the re-INVITE: both calls are as they were"""
    t = Attended(s)
    t.ask()
    t.asks.accepted()
    t.asks.notified(100)
    told = t.carrier.expect("INVITE")
    t.carrier.reply(told, 488)
    t.carrier.expect("ACK")
    t.asks.notified(488, last=True)
    equal(media(accept(t.carrier, TARGETS)), (s.ip(2), 40010), "media")
    t.goes_on()
    t.consult.request("INFO")
    t.carrier.reply(t.carrier.expect("INFO"), 200)
    t.pbx.expect((200, "INFO"))
    s.down(t.consult, t.target)
    s.down(t.call, t.leg)
    t.judge()


def test_replaces_of_nobody(s):
    """a Replaces that names no dialog: 481"""
    t = Transfer(s)
    t.refer(headers="?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc")
    matches("XFR-REPLACES", t.asks.refused(481).get("Warning"), "Warning")
    t.ends_unharmed()


def test_attended_while_it_rings(s):
    """the consultation rings still: its target is taken, and joined when it answers"""
    t = Transfer(s)
    consult = t.pbx.invite(s.uri(TARGET), body=offer(t.pbx.host, 40010))
    t.target = t.carrier.incoming()
    t.target.reply(180)
    consult.answer = consult.expect(180)
    t.refer(headers="?" + replaces(consult))
    t.asks.accepted()
    t.asks.notified(180)
    t.target.reply(200, body=offer(s.ip(3), TARGETS))
    t.carrier.expect("ACK")
    told = accept(t.carrier, TARGETS)
    equal(media(told), (s.ip(3), STAYING), "media of who waits")
    t.joins()
    t.done()
    t.call.hang_up()
    consult.expect(480)
    t.ends_joined()
    s.must("XFR-DONE", reason=re.compile("attended"))
