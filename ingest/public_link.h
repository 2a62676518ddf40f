// Where people may look a post up, as far as that names nobody: what may be stored and shown.
#pragma once
#include <string>

#include "ingest/post.h"

namespace thap::ingest {

// Made anew from ids; nothing of `post.uri` is passed on unseen, since anybody may have written it. X, Reddit
// and YouTube have addresses without the author; those of the other networks name an account or channel:
// empty, as for any id or address that does not look as the network writes them. Any thread.
std::string public_link(const Post& post);

}  // namespace thap::ingest
