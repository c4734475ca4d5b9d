#include "config/form.h"

#include <ctype.h>

typedef bool byte_fn(char c);

static bool
all_bytes(struct span s, byte_fn *fits)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!fits(s.p[i]))
			return false;
	return true;
}

static bool
printable_byte(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f;
}

static bool
name_byte(char c)
{
	return isalnum((unsigned char)c) || strchr("_.-", c) != NULL;
}

static bool
label_byte(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

static bool
digit_byte(char c)
{
	return isdigit((unsigned char)c);
}

static bool
capital_byte(char c)
{
	return isupper((unsigned char)c);
}

static bool
dialled_byte(char c)
{
	return digit_byte(c) || strchr("+*#ABCDabcd", c) != NULL;
}

/* A token of RFC 3261, section 25.1. */
static bool
token_byte(char c)
{
	return isalnum((unsigned char)c) || strchr("-.!%*_+`'~", c) != NULL;
}

static bool
is_text(struct span s)
{
	return all_bytes(s, printable_byte);
}

static bool
is_name(struct span s)
{
	return all_bytes(s, name_byte);
}

bool
form_is_host(struct span s)
{
	struct span label, rest = s;

	if (s.n == 0 || s.n > 253 || s.p[s.n - 1] == '.')
		return false;
	while (rest.n > 0) {
		label = span_cut(rest, '.', &rest);
		if (label.n == 0 || label.n > 63 || label.p[0] == '-' ||
		    label.p[label.n - 1] == '-' ||
		    !all_bytes(label, label_byte))
			return false;
	}
	return true;
}

static bool
is_ip(struct span s)
{
	struct address a;

	return address_parse_ip(s, &a);
}

/* Digits and dots only are meant as an address: "10.0.0.300" is no name. */
static bool
is_host(struct span s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (!digit_byte(s.p[i]) && s.p[i] != '.')
			return form_is_host(s);
	return false;
}

static bool
is_host_wild(struct span s)
{
	return is_host(span_starts(s, SPAN("*.")) ? span_from(s, 2) : s);
}

static bool
is_host_or_ip(struct span s)
{
	return is_host(s) || is_ip(s);
}

static bool
is_country(struct span s)
{
	return s.n == 2 && all_bytes(s, capital_byte);
}

static bool
is_digits(struct span s)
{
	return all_bytes(s, digit_byte);
}

static bool
is_dialled(struct span s)
{
	return all_bytes(s, dialled_byte) ||
	    (span_starts(s, SPAN("urn:service:")) && is_text(s));
}

static bool
is_e164(struct span s)
{
	return s.n >= 8 && s.n <= 16 && s.p[0] == '+' && s.p[1] != '0' &&
	    is_digits(span_from(s, 1));
}

static bool
is_header(struct span s)
{
	ptrdiff_t star = span_find(s, '*');

	return all_bytes(s, token_byte) &&
	    (star < 0 || (size_t)star == s.n - 1);
}

static bool
is_method(struct span s)
{
	return all_bytes(s, capital_byte);
}

static const struct {
	bool (*fits)(struct span s);
	const char *wanted;
} forms[FORMS] = {
	[FORM_TEXT] = { is_text, "text without control characters" },
	[FORM_NAME] = { is_name,
	    "a name of letters, digits, '_', '.' and '-'" },
	[FORM_HOST] = { is_host, "the name of a host" },
	[FORM_HOST_WILD] = { is_host_wild,
	    "the name of a host, or \"*.\" and a domain" },
	[FORM_HOST_OR_IP] = { is_host_or_ip,
	    "the name of a host or an IP address, without a port" },
	[FORM_IP] = { is_ip, "an IP address without a port" },
	[FORM_COUNTRY] = { is_country,
	    "a country code of two capital letters, such as \"GB\"" },
	[FORM_DIGITS] = { is_digits, "digits" },
	[FORM_DIALLED] = { is_dialled,
	    "how a dialled number begins: '+', digits, '*', '#'; or "
	    "\"urn:service:...\"" },
	[FORM_E164] = { is_e164,
	    "a number with its country code, such as \"+442079460000\"" },
	[FORM_HEADER] = { is_header,
	    "the name of a header field, which may end in '*'" },
	[FORM_METHOD] = { is_method, "a method in capital letters" },
};

bool
form_fits(enum option_form form, struct span s)
{
	return forms[form].fits(s);
}

const char *
form_wanted(enum option_form form)
{
	return forms[form].wanted;
}
