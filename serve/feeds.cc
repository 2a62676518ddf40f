#include "serve/feeds.h"

#include <fmt/format.h>

#include <algorithm>

#include "serve/incident_json.h"
#include "serve/xml.h"

namespace thap::serve {

namespace {

struct Words {
  std::string id, title, content, service, published, updated;
};

Words words_of(const rules::Incident& incident, const nlp::Lexicon& lexicon, const FeedSettings& settings) {
  const Headline all = headline(incident, lexicon);
  const std::string& text = settings.language == "hi" ? all.hi : settings.language == "bn" ? all.bn : all.en;
  Words out;
  out.id = fmt::format("tag:{},2026:incident/{}", settings.host, incident.id);
  // The first sentence; a danda ends it in Hindi and Bengali.
  const auto stop = std::min(text.find(". "), text.find("। "));
  out.title = text.substr(0, stop);
  if (incident.state == rules::State::retracted)
    out.title = (settings.language == "hi"   ? "वापस लिया: "
                 : settings.language == "bn" ? "প্রত্যাহার: "
                                             : "Withdrawn: ") +
                out.title;
  out.content = text;
  const auto* service = lexicon.service(incident.service);
  out.service =
      service ? service->id : fmt::format("service-{:08x}", static_cast<std::uint32_t>(incident.service));
  out.published = utc_time(incident.opened_ms);
  out.updated = utc_time(std::max(incident.updated_ms, incident.opened_ms));
  return out;
}

}  // namespace

std::string atom_feed(const std::vector<rules::Incident>& incidents, const nlp::Lexicon& lexicon,
                      const FeedSettings& settings) {
  std::int64_t updated_ms = 1;  // of an empty feed: RFC 4287 wants a time
  for (const auto& incident : incidents) updated_ms = std::max(updated_ms, incident.updated_ms);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{0}\">\n<id>tag:{1},2026:feed{2}</id>\n"
      "<title>thap incidents</title>\n<author><name>thap</name></author>\n<link rel=\"self\" "
      "href=\"{2}\"/>\n<updated>{3}</updated>\n",
      settings.language, xml_text(settings.host), xml_text(settings.self), utc_time(updated_ms));
  for (const auto& incident : incidents) {
    const Words w = words_of(incident, lexicon, settings);
    out += fmt::format(
        "<entry><id>{}</id><title>{}</title>\n<link href=\"/api/v1/incidents/{}\"/><published>{}</published>"
        "<updated>{}</updated>\n<category term=\"service:{}\"/><category term=\"region:{}\"/><category "
        "term=\"severity:{}\"/><category term=\"state:{}\"/>\n<content type=\"text\">{}</content></entry>\n",
        xml_text(w.id), xml_text(w.title), xml_text(incident.id), w.published, w.updated, xml_text(w.service),
        xml_text(incident.region), rules::name(incident.severity), rules::name(incident.state),
        xml_text(w.content));
  }
  return out + "</feed>\n";
}

nlohmann::ordered_json json_feed(const std::vector<rules::Incident>& incidents, const nlp::Lexicon& lexicon,
                                 const FeedSettings& settings) {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const auto& incident : incidents) {
    const Words w = words_of(incident, lexicon, settings);
    items.push_back({{"id", w.id},
                     {"url", "/api/v1/incidents/" + incident.id},
                     {"title", w.title},
                     {"content_text", w.content},
                     {"date_published", w.published},
                     {"date_modified", w.updated},
                     {"language", settings.language},
                     {"tags", {w.service, incident.region, rules::name(incident.state)}}});
  }
  return {{"version", "https://jsonfeed.org/version/1.1"},
          {"title", "thap incidents"},
          {"feed_url", settings.self},
          {"language", settings.language},
          {"items", items}};
}

}  // namespace thap::serve
