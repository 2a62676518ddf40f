#include "ingest/file_source.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "ingest/decoder.h"
#include "ingest/line_reader.h"

namespace thap::ingest {

namespace {

// One file and the post that waits for its turn. Each has a decoder of its own: a waiting post's author is
// hashed under the clock it gets when its turn comes, from bytes its decoder still holds.
struct OpenFile {
  std::string path;
  LineReader lines;
  Decoder decoder;
  std::optional<Decoded> waiting;
  std::int64_t waiting_ms{0};
  std::int64_t begin{0}, next{0};  // of the waiting post's line; without one `next` is where to read on
  bool at_end{false};

  std::int64_t resume_at() const { return waiting ? begin : next; }
};

class FileSource final : public PostSource {
 public:
  FileSource(std::vector<OpenFile> files, std::int64_t clock_ms)
      : files_(std::move(files)), clock_ms_(clock_ms) {}

  Result<SourceBatch> next(const BatchLimits& limits) override {
    if (failed_) return tl::unexpected(*failed_);
    SourceBatch batch;
    batch.posts.reserve(std::min<std::size_t>(limits.max_posts, 10'000));
    // Skips and dead letters count too, so that a file without any post still comes in batches.
    const std::size_t max_records = limits.max_posts * 4;
    while (batch.posts.size() < limits.max_posts && batch.records < max_records && !is_stopped_) {
      const int wait_ms = batch.records > 0 ? 0 : static_cast<int>(limits.max_wait.count());
      const auto filled = fill_waiting(batch, max_records, wait_ms);
      if (!filled) {
        if (batch.records == 0) return tl::unexpected(filled.error());
        failed_ = filled.error();
        break;
      }
      if (!*filled) break;
      OpenFile* first = earliest();
      if (first == nullptr) {
        batch.end = true;
        break;
      }
      hand_out(*first, batch);
    }
    batch.end = batch.end || is_stopped_;
    batch.watermark_ms = clock_ms_ / 1000 * 1000;
    for (const OpenFile& file : files_)
      batch.positions.push_back({file.path, 0, file.resume_at(), clock_ms_});
    return batch;
  }

  double progress() const override {
    std::int64_t read = 0, size = 0;
    for (const OpenFile& file : files_) {
      if (file.lines.stream().raw_size() < 0) return -1;
      read += file.lines.stream().raw_read();
      size += file.lines.stream().raw_size();
    }
    return size == 0 ? 1 : std::min(1.0, static_cast<double>(read) / static_cast<double>(size));
  }

  void stop() override { is_stopped_ = true; }

 private:
  // Reads on in every file until a post waits in it. False: a pipe has nothing now, or the batch is full.
  Result<bool> fill_waiting(SourceBatch& batch, std::size_t max_records, int wait_ms) {
    for (OpenFile& file : files_) {
      while (!file.waiting && !file.at_end) {
        if (batch.records >= max_records) return false;
        Line line;
        const auto got = file.lines.next(line, wait_ms);
        if (!got) return tl::unexpected(got.error());
        if (*got == Got::nothing_yet) return false;
        if (*got == Got::end) {
          file.at_end = true;
          break;
        }
        Record record;
        record.source = file.path;
        record.offset = line.begin;
        record.payload = line.text;
        record.bytes_not_kept = line.not_kept;
        record.clock_ms = clock_ms_;
        Decoded decoded = file.decoder.decode(record);
        file.begin = line.begin;
        file.next = line.next;
        if (const Post* post = std::get_if<Post>(&decoded.outcome)) {
          file.waiting_ms = post->kafka_ms.value_or(post->event_ms);
          file.waiting = std::move(decoded);
        } else {
          batch.bytes += static_cast<std::uint64_t>(line.next - line.begin);
          add(std::move(decoded), batch);
        }
      }
    }
    return true;
  }

  OpenFile* earliest() {
    OpenFile* first = nullptr;
    for (OpenFile& file : files_)
      if (file.waiting && (first == nullptr || file.waiting_ms < first->waiting_ms)) first = &file;
    return first;
  }

  void hand_out(OpenFile& file, SourceBatch& batch) {
    clock_ms_ = std::max(clock_ms_, file.waiting_ms);
    file.decoder.set_clock(std::get<Post>(file.waiting->outcome), clock_ms_);
    batch.bytes += static_cast<std::uint64_t>(file.next - file.begin);
    add(std::move(*file.waiting), batch);
    file.waiting.reset();
  }

  std::vector<OpenFile> files_;
  std::int64_t clock_ms_;
  std::optional<Error> failed_;
  std::atomic<bool> is_stopped_{false};
};

}  // namespace

Result<std::unique_ptr<PostSource>> open_files(const std::vector<std::string>& paths,
                                               const FileSettings& settings,
                                               const std::vector<SourcePosition>& resume) {
  if (paths.empty()) return fail(Code::usage, "no file to read");
  std::vector<OpenFile> files;
  std::int64_t clock_ms = 0;
  for (const std::string& path : paths) {
    if (std::any_of(files.begin(), files.end(), [&](const OpenFile& file) { return file.path == path; }))
      return fail(Code::usage, "is named twice", path);
    std::int64_t begin = 0;
    for (const SourcePosition& position : resume)
      if (position.source == path) {
        begin = position.next;
        clock_ms = std::max(clock_ms, position.clock_ms);
      }
    if (path == "-" && begin > 0) return fail(Code::usage, "cannot be resumed", "standard input");
    auto stream = ByteStream::open(path);
    if (!stream) return tl::unexpected(stream.error());
    if (begin > 0)
      if (const auto skipped = (*stream)->skip(begin); !skipped) return tl::unexpected(skipped.error());
    files.push_back(OpenFile{path, LineReader(std::move(*stream), settings.decoder->max_record_bytes, begin),
                             Decoder(settings.decoder, settings.author_key), std::nullopt, 0, begin, begin,
                             false});
  }
  return std::make_unique<FileSource>(std::move(files), clock_ms);
}

}  // namespace thap::ingest
