policydir = $(datadir)/cordon/policies
dist_policy_DATA = \
	policies/3cx.conf \
	policies/acs.conf \
	policies/asterisk.conf \
	policies/bandwidth-lcr.conf \
	policies/bandwidth.conf \
	policies/carrier-e164.conf \
	policies/carrier-network-cli.conf \
	policies/cucm.conf \
	policies/freeswitch.conf \
	policies/kazoo.conf \
	policies/pbx-default.conf \
	policies/sfb.conf \
	policies/sipconnect-register.conf \
	policies/sipconnect-static.conf \
	policies/teams.conf \
	policies/telnyx.conf \
	policies/twilio-origination.conf \
	policies/twilio-termination.conf \
	policies/vonage.conf
