#include "app/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <set>

namespace thap::app {

using ingest::Code;
using ingest::fail;
using ingest::Result;
using nlohmann::json;

namespace {

// The services of the label scheme. A reading may name more of them than the scheme knows; those are not
// scored.
const std::set<std::string, std::less<>>& scheme_services() {
  static const std::set<std::string, std::less<>> ids = [] {
    std::set<std::string, std::less<>> out;
    constexpr std::string_view text =
        "whatsapp facebook instagram messenger x youtube telegram snapchat threads sharechat koo signal "
        "linkedin oculus "
        "discord gmail google googledrive googlemeet googlemaps zoom teams outlook slack chatgpt canva "
        "microsoft jio "
        "airtel vi bsnl act hathway tataplay grameenphone robi upi bhim paytm phonepe googlepay sbi yono "
        "hdfc icici axis "
        "kotak pnb cred fastag rupay visa mastercard bkash nagad zerodha groww upstox angelone nse bse cowin "
        "aarogyasetu "
        "digilocker umang aadhaar irctc gst incometax epfo nta cbse passportseva parivahan esign voterportal "
        "hotstar "
        "jiocinema sonyliv zee5 netflix primevideo spotify hoichoi amazon flipkart myntra meesho swiggy "
        "zomato blinkit "
        "zepto ola uber rapido indigo makemytrip akamai cloudflare aws azure gcp fastly crowdstrike github "
        "wazirx rrb cdsl";
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find(' ', at), text.size());
      out.emplace(text.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }();
  return ids;
}

bool is_present(std::string_view status) { return status == "down" || status == "degraded"; }

template <class T>
void count(const std::set<T>& label, const std::set<T>& read, Counts& counts) {
  for (const auto& x : read) label.contains(x) ? ++counts.hit : ++counts.extra;
  for (const auto& x : label)
    if (!read.contains(x)) ++counts.missed;
}

std::set<std::string> service_pairs(const LabelledPost& post, bool with_status, bool merged) {
  std::set<std::string> out;
  for (const auto& [id, status] : post.services) {
    if (!scheme_services().contains(id)) continue;
    out.insert(with_status ? id + "=" + (merged && is_present(status) ? "failing" : status) : id);
  }
  return out;
}
std::set<std::string> set_of(const std::vector<std::string>& list) { return {list.begin(), list.end()}; }

bool has_present(const LabelledPost& post) {
  return std::any_of(post.services.begin(), post.services.end(), [](const auto& s) {
    return scheme_services().contains(s.first) && is_present(s.second);
  });
}

void score(const LabelledPost& label, const LabelledPost& read, Scores& scores) {
  ++scores.posts;
  count(service_pairs(label, false, false), service_pairs(read, false, false), scores.services);
  count(service_pairs(label, true, false), service_pairs(read, true, false), scores.service_status);
  count(service_pairs(label, true, true), service_pairs(read, true, true), scores.service_status_merged);
  count(set_of(label.symptoms), set_of(read.symptoms), scores.symptoms);
  count(set_of(label.places), set_of(read.places), scores.places);
  const bool said = has_present(label), seen = has_present(read);
  if (said && seen)
    ++scores.present_posts.hit;
  else if (seen)
    ++scores.present_posts.extra;
  else if (said)
    ++scores.present_posts.missed;
  scores.kind_right += label.kind == read.kind;
  scores.language_right += label.lang == read.lang;
}

std::vector<std::string> strings_at(const json& object, const char* key) {
  std::vector<std::string> out;
  if (object.contains(key))
    for (const auto& item : object.at(key)) out.push_back(item.get<std::string>());
  return out;
}

}  // namespace

Result<std::vector<LabelledPost>> load_labelled(const std::string& path) {
  std::ifstream file;
  if (path != "-") {
    file.open(path);
    if (!file) return fail(Code::io, "cannot be opened", path);
  }
  std::istream& in = path == "-" ? std::cin : file;
  std::vector<LabelledPost> posts;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    const std::string place = fmt::format("{}:{}", path, number);
    try {
      const json object = json::parse(line);
      LabelledPost post;
      post.text = object.at("text").get<std::string>();
      post.id = object.contains("id") ? object["id"].get<std::string>() : fmt::format("line-{}", number);
      post.lang = object.value("lang", "");
      post.kind = object.value("kind", "");
      post.note = object.value("note", "");
      post.is_labelled = object.contains("services");
      if (post.is_labelled)
        for (const auto& s : object["services"])
          post.services.emplace_back(s.at("id").get<std::string>(), s.at("status").get<std::string>());
      post.by_official = object.value("by_official", false);
      post.symptoms = strings_at(object, "symptoms");
      post.places = strings_at(object, "places");
      posts.push_back(std::move(post));
    } catch (const json::exception& error) {
      return fail(Code::bad_input, error.what(), place);
    }
  }
  return posts;
}

LabelledPost predict(const nlp::Reader& reader, const LabelledPost& post) {
  const nlp::Reading reading = reader.read(post.text, {post.by_official, false});
  const nlp::Lexicon& lexicon = reader.lexicon();
  LabelledPost out;
  out.id = post.id;
  out.text = post.text;
  out.lang = nlp::name(reading.language);
  out.kind = nlp::name(reading.kind);
  for (const auto& s : reading.services) {
    const std::string& id = lexicon.service(s.service)->id;
    out.services.emplace_back(id, nlp::name(s.status));
    if (s.blamed) out.blamed.push_back(id);
  }
  for (int i = 0; i < nlp::symptom_count; ++i)
    if (reading.symptoms.has(static_cast<nlp::Symptom>(i)))
      out.symptoms.emplace_back(nlp::name(static_cast<nlp::Symptom>(i)));
  for (const auto p : reading.places) out.places.push_back(lexicon.place(p)->id);
  return out;
}

std::string to_json_line(const LabelledPost& post) {
  json services = json::array();
  for (const auto& [id, status] : post.services) {
    json service = {{"id", id}, {"status", status}};
    if (std::find(post.blamed.begin(), post.blamed.end(), id) != post.blamed.end()) service["blamed"] = true;
    services.push_back(std::move(service));
  }
  nlohmann::ordered_json out = {{"id", post.id},        {"text", post.text},         {"lang", post.lang},
                                {"services", services}, {"symptoms", post.symptoms}, {"kind", post.kind},
                                {"places", post.places}};
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

Evaluation evaluate(const nlp::Reader& reader, const std::vector<LabelledPost>& posts) {
  Evaluation out;
  for (const LabelledPost& label : posts) {
    if (!label.is_labelled) continue;
    const LabelledPost read = predict(reader, label);
    score(label, read, out.all);
    score(label, read, out.by_language[label.lang]);
    score(label, read, out.by_kind[label.kind]);
    std::vector<std::string> fields;
    if (service_pairs(label, true, true) != service_pairs(read, true, true))
      fields.emplace_back("service+status");
    if (set_of(label.symptoms) != set_of(read.symptoms)) fields.emplace_back("symptoms");
    if (label.kind != read.kind) fields.emplace_back("kind");
    if (set_of(label.places) != set_of(read.places)) fields.emplace_back("places");
    if (label.lang != read.lang) fields.emplace_back("language");
    if (!fields.empty()) out.wrong.push_back({&label, read, fields});
  }
  return out;
}

}  // namespace thap::app
