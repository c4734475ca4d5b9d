#include "sip/capability.h"

#include "sip/value.h"

static const struct span options[] = {
#define SIP_OPTION(id, name) { name, sizeof(name) - 1 },
#include "sip/option_tags.def"
#undef SIP_OPTION
	{ "?", 1 }
};

_Static_assert(SIP_OPTION_OTHER <= 32, "more option tags than bits");
_Static_assert(SIP_METHODS <= 32, "more methods than bits");

enum sip_option
sip_option_find(struct span name)
{
	unsigned i;

	for (i = 0; i < SIP_OPTION_OTHER; i++)
		if (span_ieq(name, options[i]))
			break;
	return (enum sip_option)i;
}

const char *
sip_option_name(enum sip_option option)
{
	return options[option < SIP_OPTION_OTHER ? option : SIP_OPTION_OTHER].p;
}

struct sip_option_tags
sip_option_tags_read(const struct sip_message *msg, enum sip_header header)
{
	struct sip_option_tags tags = { .mask = 0 };
	struct sip_values it = sip_values(msg, header);
	struct span value;

	while (sip_values_next(&it, &value)) {
		enum sip_option option = sip_option_find(value);

		if (option == SIP_OPTION_OTHER)
			tags.has_unknown = true;
		else
			tags.mask |= SIP_OPTION_BIT(option);
	}
	return tags;
}

static void
add_to_list(struct text *out, size_t mark, struct span word)
{
	if (out->len > mark)
		TEXT_LIT(out, ", ");
	text_add(out, word);
}

void
sip_option_tags_write(uint32_t mask, struct text *out)
{
	size_t mark = out->len;
	unsigned i;

	for (i = 0; i < SIP_OPTION_OTHER; i++)
		if ((mask & SIP_OPTION_BIT(i)) != 0)
			add_to_list(out, mark, options[i]);
}

unsigned
sip_option_tags_write_others(const struct sip_message *msg,
    enum sip_header header, uint32_t understood, struct text *out)
{
	struct sip_values it = sip_values(msg, header);
	size_t mark = out->len;
	struct span value;
	unsigned n = 0;

	while (sip_values_next(&it, &value)) {
		enum sip_option option = sip_option_find(value);

		if (option != SIP_OPTION_OTHER &&
		    (understood & SIP_OPTION_BIT(option)) != 0)
			continue;
		n++;
		if (sip_is_token(value))
			add_to_list(out, mark, value);
	}
	return n;
}

bool
sip_allow_read(const struct sip_message *msg, uint32_t *mask)
{
	struct sip_values it = sip_values(msg, SIP_ALLOW);
	struct span value;

	if (!sip_has(msg, SIP_ALLOW))
		return false;
	*mask = 0;
	while (sip_values_next(&it, &value))
		*mask |= SIP_METHOD_BIT(sip_method_find(value));
	return true;
}
