// Posts from files, one JSON record a line: a day to replay, an export, standard input.
// In: paths. Out: PostSource. Plain, gzip or zstd, told by the first bytes; "-" is standard input.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "ingest/author_key.h"
#include "ingest/post_source.h"
#include "ingest/result.h"
#include "ingest/source_format.h"

namespace thap::ingest {

struct FileSettings {
  std::shared_ptr<const DecoderSettings> decoder = std::make_shared<DecoderSettings>();
  AuthorKey author_key{AuthorKey::Bytes{}};
};

// Opens every file, or none. Posts of several files come merged by time (`kafka_ms` where a record carries
// it, else event time), equal times in the order of the files; each file is read in its own order.
//
// The clock is the largest such time so far and so never goes back; the watermark is the clock's second. A
// file found in `resume` goes on at `next` (a byte of the plain text, also of compressed files, which are
// read and thrown away up to there), and the clock at its `clock_ms`.
//
// Fails with `not_found`, `io`, `corrupt` (shorter than where reading stopped) or `usage` (no file, a file
// twice, standard input resumed); the place is the path. next() fails with `io` or `corrupt` after everything
// that was read before has been handed out.
Result<std::unique_ptr<PostSource>> open_files(const std::vector<std::string>& paths,
                                               const FileSettings& settings,
                                               const std::vector<SourcePosition>& resume = {});

}  // namespace thap::ingest
