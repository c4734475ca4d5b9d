# make e2e: the real daemon against SIPp, baresip, Kamailio and the actors of
# t/peer; E2E='...' passes options and names on.

EXTRA_DIST += t/peer/agent.py t/peer/pcap.py t/peer/baresip.py \
	t/peer/program.py t/peer/refer.py t/peer/sip.py t/peer/tap.py \
	t/peer/twinkle.py \
	t/e2e/run t/e2e/border.py \
	t/e2e/ACS-01-mismatch.py \
	t/e2e/ACS-02-anonymous.py \
	t/e2e/ACS-03-privacy.py \
	t/e2e/ACS-04-diverted.py \
	t/e2e/ACS-05-options.py \
	t/e2e/ACS-06-refused.py \
	t/e2e/ACS-09-no-route.py \
	t/e2e/ACS-10-down.py \
	t/e2e/ACS-07-warning.py \
	t/e2e/ACS-14-tls-fqdn.py \
	t/e2e/BWC-09-silence.py \
	t/e2e/BWC-11-advance.py \
	t/e2e/BWC-13-final.py \
	t/e2e/BWC-18-drop-time.py \
	t/e2e/BWC-26-invalid-ani.py \
	t/e2e/BWC-33-nanp.py \
	t/e2e/EXT-01-late-offer.py \
	t/e2e/EXT-02-forked.py \
	t/e2e/EXT-03-renewal.py \
	t/e2e/EXT-04-replaces.py \
	t/e2e/EXT-05-bye-late.py \
	t/e2e/EXT-06-ringing.py \
	t/e2e/EXT-07-retry-after.py \
	t/e2e/KAZ-01-challenge.py \
	t/e2e/KAZ-05-inbound.py \
	t/e2e/KAZ-06-elsewhere.py \
	t/e2e/KAZ-10-require.py \
	t/e2e/SFB-01-refer.py \
	t/e2e/SFB-02-capabilities.py \
	t/e2e/SFB-02-refer.py \
	t/e2e/SFB-03-ms-diagnostics.py \
	t/e2e/SFB-04-not-owned.py \
	t/e2e/SFB-05-asserted-not-owned.py \
	t/e2e/SFB-06-coupled.py \
	t/e2e/SFB-07-asserted.py \
	t/e2e/SFB-08-from.py \
	t/e2e/SFB-09-numbers.py \
	t/e2e/SFB-10-diverted.py \
	t/e2e/SFB-11-scope.py \
	t/e2e/SFB-12-end-state.py \
	t/e2e/SFB-14-presentation.py \
	t/e2e/SFB-15-digits.py \
	t/e2e/SFB-16-private-headers.py \
	t/e2e/TWI-03-domain.py \
	t/e2e/TWI-06-dialled.py \
	t/e2e/TWI-07-caller.py \
	t/e2e/TWI-08-from-not-owned.py \
	t/e2e/TWI-09-remote-party.py \
	t/e2e/TWI-11-phrases.py \
	t/e2e/TWI-12-rate.py \
	t/e2e/TWI-14-ack-target.py \
	t/e2e/TWI-15-foreign.py \
	t/e2e/TWI-16-via.py \
	t/e2e/TWI-17-private-contact.py \
	t/e2e/TWI-22-session-expires.py \
	t/e2e/TWI-26-sdp-private.py \
	t/e2e/TWI-31-srtp.py \
	t/e2e/TWI-33-no-timer.py \
	t/e2e/abuse.py \
	t/e2e/basic-calls.py \
	t/e2e/basic-tls.py \
	t/e2e/basic-udp.py \
	t/e2e/cli.py \
	t/e2e/drain.py \
	t/e2e/emergency.py \
	t/e2e/interop-baresip.py \
	t/e2e/interop-kamailio.py \
	t/e2e/kamailio.cfg \
	t/e2e/journal.py \
	t/e2e/judge-tshark.py \
	t/e2e/loss.py \
	t/e2e/inventory.py \
	t/e2e/reason.py \
	t/e2e/redirect.py \
	t/e2e/refer-storm.py \
	t/e2e/reload-under-load.py \
	t/e2e/reload.py \
	t/e2e/rfc4475.py \
	t/e2e/service.py t/e2e/session-forms.py \
	t/e2e/tools.py \
	t/e2e/transfer-baresip.py \
	t/e2e/transfer-twinkle.py \
	t/e2e/transport-tcp.py \
	t/e2e/transport-tls.py \
	t/e2e/transport-udp.py \
	t/e2e/sipp/uac.xml \
	t/e2e/sipp/uas.xml

# Messages: see t/rfc4475/README.
EXTRA_DIST += t/rfc4475 t/rfc5118

e2e: all
	BUILD=. $(top_srcdir)/t/e2e/run -j4 $(E2E)

.PHONY: e2e
