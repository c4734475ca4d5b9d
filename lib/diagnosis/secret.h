/*
 * secret.h - passwords, credentials and media keys in what a person will read
 */

#ifndef CORDON_DIAGNOSIS_SECRET_H
#define CORDON_DIAGNOSIS_SECRET_H

#include "base/span.h"

/* Is the whole value a secret, by the path of its target
 * ("Authorization[0]", "sdp.media[0].crypto")? */
bool secret_is_target(struct span target);

/* Does it begin as the credentials of such a header do: "Digest ..."? */
bool secret_is_credentials(struct span value);

/* Cuts the next piece of `*rest` that can be shown; `*secret` tells that a
 * secret, which is cut too, follows it. `open`: the text goes on behind its end,
 * where nobody sees it. */
struct span secret_cut_shown(struct span *rest, bool open, bool *secret);

/* Cuts up to behind the next password of a sip or sips URI (RFC 3261 section
 * 19.1.1), which is returned; empty, and so is `*rest`: there is none. `open` as
 * above. */
struct span secret_password_next(struct span *rest, bool open);

#endif
