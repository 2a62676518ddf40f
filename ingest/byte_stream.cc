#include "ingest/byte_stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <vector>

namespace thap::ingest {

namespace {

// The file itself, with its first bytes given back after they have told the format.
class RawFile {
 public:
  RawFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {
    struct stat status {};
    if (::fstat(fd_, &status) == 0 && S_ISREG(status.st_mode)) size_ = status.st_size;
  }
  ~RawFile() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  Result<void> read_magic() {
    while (magic_size_ < magic_.size()) {
      const auto got = read_fd(magic_.data() + magic_size_, magic_.size() - magic_size_);
      if (!got) return tl::unexpected(got.error());
      if (*got == 0) break;
      magic_size_ += *got;
    }
    return {};
  }
  std::string_view magic() const { return {magic_.data(), magic_size_}; }

  Result<std::size_t> read(char* to, std::size_t size) {
    if (magic_given_ < magic_size_) {
      const std::size_t count = std::min(size, magic_size_ - magic_given_);
      std::memcpy(to, magic_.data() + magic_given_, count);
      magic_given_ += count;
      return count;
    }
    return read_fd(to, size);
  }

  Result<void> seek(std::int64_t to) {
    if (to > size_)
      return fail(Code::corrupt, "is shorter than where reading stopped; was it replaced?", path_);
    if (::lseek(fd_, to, SEEK_SET) < 0) return fail(Code::io, std::strerror(errno), path_);
    magic_given_ = magic_size_;
    read_ = to;
    return {};
  }

  bool is_ready(int ms) const {
    if (size_ >= 0 || magic_given_ < magic_size_) return true;
    pollfd waiting{fd_, POLLIN, 0};
    return ::poll(&waiting, 1, ms) != 0;
  }

  std::int64_t read() const { return read_; }
  std::int64_t size() const { return size_; }
  const std::string& path() const { return path_; }

 private:
  Result<std::size_t> read_fd(char* to, std::size_t size) {
    for (;;) {
      const ssize_t got = ::read(fd_, to, size);
      if (got >= 0) {
        read_ += got;
        return static_cast<std::size_t>(got);
      }
      if (errno != EINTR) return fail(Code::io, std::strerror(errno), path_);
    }
  }

  int fd_;
  std::string path_;
  std::int64_t size_{-1}, read_{0};
  std::array<char, 4> magic_{};
  std::size_t magic_size_{0}, magic_given_{0};
};

class StreamOverFile : public ByteStream {
 public:
  explicit StreamOverFile(std::unique_ptr<RawFile> file) : file_(std::move(file)) {}
  bool is_ready(int ms) const override { return file_->is_ready(ms); }
  std::int64_t raw_read() const override { return file_->read(); }
  std::int64_t raw_size() const override { return file_->size(); }

  Result<void> skip(std::int64_t count) override {
    std::vector<char> away(64 * 1024);
    while (count > 0) {
      const auto got = read(away.data(), std::min<std::size_t>(away.size(), static_cast<std::size_t>(count)));
      if (!got) return tl::unexpected(got.error());
      if (*got == 0)
        return fail(Code::corrupt, "is shorter than where reading stopped; was it replaced?", file_->path());
      count -= static_cast<std::int64_t>(*got);
    }
    return {};
  }

 protected:
  Error corrupt(std::string text) const { return {Code::corrupt, std::move(text), file_->path()}; }
  std::unique_ptr<RawFile> file_;
};

class PlainStream : public StreamOverFile {
 public:
  using StreamOverFile::StreamOverFile;
  Result<std::size_t> read(char* to, std::size_t size) override { return file_->read(to, size); }
  Result<void> skip(std::int64_t count) override {
    return file_->size() >= 0 ? file_->seek(count) : StreamOverFile::skip(count);
  }
};

class GzipStream : public StreamOverFile {
 public:
  explicit GzipStream(std::unique_ptr<RawFile> file) : StreamOverFile(std::move(file)) {
    is_open_ = ::inflateInit2(&inflater_, 15 + 16) == Z_OK;
  }
  ~GzipStream() override {
    if (is_open_) ::inflateEnd(&inflater_);
  }

  Result<std::size_t> read(char* to, std::size_t size) override {
    if (!is_open_) return fail(Code::io, "no memory to inflate", file_->path());
    inflater_.next_out = reinterpret_cast<Bytef*>(to);
    inflater_.avail_out = static_cast<uInt>(size);
    while (inflater_.avail_out == size) {
      if (inflater_.avail_in == 0) {
        const auto got = file_->read(input_.data(), input_.size());
        if (!got) return got;
        if (*got == 0) {
          if (is_inside_) return tl::unexpected(corrupt("the gzip data end in the middle"));
          return 0;
        }
        inflater_.next_in = reinterpret_cast<Bytef*>(input_.data());
        inflater_.avail_in = static_cast<uInt>(*got);
      }
      if (!is_inside_) {                // another member may follow: gzip files are made by appending, too
        if (*inflater_.next_in == 0) {  // padding of tapes and block devices
          ++inflater_.next_in;
          --inflater_.avail_in;
          continue;
        }
        ::inflateReset(&inflater_);
        is_inside_ = true;
      }
      const int code = ::inflate(&inflater_, Z_NO_FLUSH);
      if (code == Z_STREAM_END)
        is_inside_ = false;
      else if (code != Z_OK && code != Z_BUF_ERROR)
        return tl::unexpected(corrupt(std::string("the gzip data are damaged: ") +
                                      (inflater_.msg ? inflater_.msg : "unknown")));
    }
    return size - inflater_.avail_out;
  }

 private:
  z_stream inflater_{};
  bool is_open_{false}, is_inside_{true};
  std::vector<char> input_ = std::vector<char>(128 * 1024);
};

class ZstdStream : public StreamOverFile {
 public:
  explicit ZstdStream(std::unique_ptr<RawFile> file)
      : StreamOverFile(std::move(file)), context_(::ZSTD_createDStream()) {
    if (context_) ::ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, 27);  // 128 MiB at most
  }

  Result<std::size_t> read(char* to, std::size_t size) override {
    if (!context_) return fail(Code::io, "no memory to decompress", file_->path());
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !has_more_out_) {
        const auto got = file_->read(input_.data(), input_.size());
        if (!got) return got;
        if (*got == 0) {
          if (is_inside_) return tl::unexpected(corrupt("the zstd data end in the middle"));
          return 0;
        }
        in_ = {input_.data(), *got, 0};
      }
      const std::size_t code = ::ZSTD_decompressStream(context_.get(), &out, &in_);
      if (::ZSTD_isError(code))
        return tl::unexpected(
            corrupt(std::string("the zstd data are damaged: ") + ::ZSTD_getErrorName(code)));
      is_inside_ = code != 0;
      has_more_out_ = out.pos == out.size && is_inside_;
    }
    return out.pos;
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const noexcept { ::ZSTD_freeDStream(stream); }
  };
  std::unique_ptr<ZSTD_DStream, Free> context_;
  std::vector<char> input_ = std::vector<char>(128 * 1024);
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool is_inside_{true}, has_more_out_{false};
};

}  // namespace

Result<std::unique_ptr<ByteStream>> ByteStream::open(const std::string& path) {
  const int fd = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return fail(errno == ENOENT ? Code::not_found : Code::io, std::strerror(errno), path);
  auto file = std::make_unique<RawFile>(fd, path == "-" ? "standard input" : path);
  if (const auto magic = file->read_magic(); !magic) return tl::unexpected(magic.error());
  const std::string_view magic = file->magic();
  if (magic.starts_with("\x1f\x8b")) return std::make_unique<GzipStream>(std::move(file));
  if (magic == "\x28\xb5\x2f\xfd") return std::make_unique<ZstdStream>(std::move(file));
  return std::make_unique<PlainStream>(std::move(file));
}

}  // namespace thap::ingest
