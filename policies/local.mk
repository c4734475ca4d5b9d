policydir = $(datadir)/cordon/policies
dist_policy_DATA = \
	policies/carrier-e164.conf \
	policies/pbx-default.conf \
	policies/twilio-termination.conf
