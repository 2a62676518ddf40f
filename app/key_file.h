// The secret under author hashes: from the environment, else from a file beside the store.
#pragma once
#include <string>

#include "ingest/author_key.h"

namespace thap::app {

// THAP_AUTHOR_KEY (32 hex digits) if set; else the file `<data>.key`, made with mode 0600 at first use. It
// stands beside the store's folder, not in it, so that backups of the store do not hold it. Fails with
// `bad_setting` or `io`; never shows the key.
ingest::Result<ingest::AuthorKey> author_key_for(const std::string& data_folder);
// A key that lives as long as the process: for temporary stores.
ingest::Result<ingest::AuthorKey> passing_author_key();

}  // namespace thap::app
