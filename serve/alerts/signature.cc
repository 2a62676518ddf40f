#include "serve/alerts/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

namespace thap::serve {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t least_key_bytes = 24, most_key_bytes = 64;

std::string base64(const unsigned char* bytes, std::size_t size) {
  std::string out((size + 2) / 3 * 4 + 1, '\0');
  const int length =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes, static_cast<int>(size));
  out.resize(static_cast<std::size_t>(length));
  return out;
}

}  // namespace

std::optional<std::string> signing_key(std::string_view secret) {
  if (!secret.starts_with(secret_prefix)) return std::nullopt;
  const auto text = secret.substr(secret_prefix.size());
  if (text.empty() || text.size() % 4 != 0 || text.size() > most_key_bytes * 2) return std::nullopt;
  std::string key(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(key.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size())) < 0)
    return std::nullopt;
  // DecodeBlock counts the padding as zeros.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  key.resize(key.size() - padding);
  if (key.size() < least_key_bytes || key.size() > most_key_bytes) return std::nullopt;
  return key;
}

std::string webhook_signature(const std::vector<std::string>& secrets, std::string_view id,
                              std::int64_t timestamp_s, std::string_view body) {
  const std::string content = std::string(id) + "." + std::to_string(timestamp_s) + "." + std::string(body);
  std::string out;
  for (const auto& secret : secrets) {
    const auto key = signing_key(secret).value_or("");
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(content.data()), content.size(), digest.data(), &size);
    out += (out.empty() ? "v1," : " v1,") + base64(digest.data(), size);
  }
  return out;
}

}  // namespace thap::serve
