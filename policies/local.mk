policydir = $(datadir)/cordon/policies
dist_policy_DATA = \
	policies/acs.conf \
	policies/bandwidth-lcr.conf \
	policies/bandwidth.conf \
	policies/carrier-e164.conf \
	policies/pbx-default.conf \
	policies/sfb.conf \
	policies/teams.conf \
	policies/telnyx.conf \
	policies/twilio-termination.conf \
	policies/vonage.conf
