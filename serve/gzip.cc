#include "serve/gzip.h"

#include <array>
#include <boost/beast/zlib/deflate_stream.hpp>
#include <boost/crc.hpp>
#include <cassert>
#include <cstdint>

namespace thap::serve {

namespace {

constexpr std::size_t least_bytes = 1'000;  // what fits into one packet gains nothing
constexpr int level = 6, window_bits = 15, memory_level = 8;

void append_little_endian(std::string& out, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(value >> shift & 0xFF);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.find("json") != std::string_view::npos ||
         type.find("xml") != std::string_view::npos;
}

}  // namespace

std::string gzipped(std::string_view text) {
  namespace zlib = boost::beast::zlib;
  zlib::deflate_stream stream;
  stream.reset(level, window_bits, memory_level, zlib::Strategy::normal);
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);  // deflate, no name, no time, no system named
  const std::size_t head = out.size();
  out.resize(head + stream.upper_bound(text.size()) + 16);
  zlib::z_params at;
  at.next_in = text.data();
  at.avail_in = text.size();
  at.next_out = out.data() + head;
  at.avail_out = out.size() - head;
  boost::beast::error_code ended;
  stream.write(at, zlib::Flush::finish, ended);
  assert(ended == zlib::error::end_of_stream);
  out.resize(head + at.total_out);
  boost::crc_32_type sum;
  sum.process_bytes(text.data(), text.size());
  append_little_endian(out, sum.checksum());
  append_little_endian(out, static_cast<std::uint32_t>(text.size()));
  return out;
}

bool accepts_gzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    const auto comma = accept_encoding.find(',');
    const std::string_view item = trimmed(accept_encoding.substr(0, comma));
    const auto semicolon = item.find(';');
    const std::string_view coding = trimmed(item.substr(0, semicolon));
    const std::string_view weight =
        semicolon == std::string_view::npos ? "" : trimmed(item.substr(semicolon + 1));
    const bool is_refused = weight.starts_with("q=0") && weight.find_first_not_of("0.", 2) == weight.npos;
    if (coding == "gzip") return !is_refused;
    if (coding == "*") any = !is_refused;
    if (comma == std::string_view::npos) break;
    accept_encoding.remove_prefix(comma + 1);
  }
  return any;
}

void compress_if_wanted(const HttpRequest& request, HttpResponse& response) {
  if (response.stream || response.status != 200 || response.body.size() < least_bytes ||
      !is_text(response.type))
    return;
  std::string* varies = nullptr;
  for (auto& [name, value] : response.headers) {
    if (name == "Content-Encoding") return;
    if (name == "Vary") varies = &value;
  }
  if (varies)
    *varies += ", Accept-Encoding";
  else
    response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(request.header("accept-encoding"))) return;
  response.body = gzipped(response.body);
  for (auto& [name, value] : response.headers)
    if (name == "ETag" && value.ends_with('"')) value.insert(value.size() - 1, "-gzip");
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace thap::serve
