#include "serve/alerts/notice.h"

#include <fmt/format.h>
#include <unicode/brkiter.h>
#include <unicode/unistr.h>

#include <memory>

#include "serve/alerts/signature.h"
#include "serve/incident_json.h"

namespace thap::serve {

using nlohmann::ordered_json;

namespace {

// Limits of the receivers' own documents, in UTF-16 units; the body of a webhook in bytes.
constexpr std::size_t slack_section = 3'000, slack_text = 1'000, discord_title = 256,
                      discord_description = 4'096, telegram_text = 4'096, mattermost_text = 16'383,
                      teams_text = 8'000, pagerduty_summary = 1'024, webhook_bytes = 20'000;

// `replaced`: what stands for a character; text of others must not become markup, a mention or a link.
std::string escaped(const std::string& text, std::initializer_list<std::pair<char, const char*>> replaced) {
  std::string out;
  for (const char c : text) {
    const char* instead = nullptr;
    for (const auto& [from, to] : replaced)
      if (from == c) instead = to;
    if (instead)
      out += instead;
    else
      out += c;
  }
  return out;
}
std::string html(const std::string& text) {
  return escaped(text, {{'&', "&amp;"}, {'<', "&lt;"}, {'>', "&gt;"}});
}
// A zero-width space after @ keeps a name from being called.
std::string markdown(const std::string& text) {
  return escaped(text, {{'\\', "\\\\"},
                        {'*', "\\*"},
                        {'_', "\\_"},
                        {'`', "\\`"},
                        {'~', "\\~"},
                        {'[', "\\["},
                        {']', "\\]"},
                        {'<', "\\<"},
                        {'>', "\\>"},
                        {'#', "\\#"},
                        {'|', "\\|"},
                        {'@', "@\u200b"}});
}

using Escape = std::string (*)(const std::string&);

// Lines one below the other; of a text that is too long the middle goes, never title or caveat.
std::string body_text(const IncidentText& text, Escape escape, std::size_t most_units) {
  const std::string caveat = escape(text.caveat);
  std::string lines;
  for (const auto& line : text.lines) lines += escape(line) + "\n";
  const auto room = most_units - std::min(most_units, shortened(caveat, most_units).size() + 2);
  return shortened(lines, room) + caveat;
}

// All languages: a bold title each, its lines below.
std::string all_texts(const Notice& notice, Escape escape, const char* bold, const char* bold_end,
                      std::size_t most_units) {
  std::string out;
  const std::size_t each = most_units / std::max<std::size_t>(notice.texts.size(), 1) - 20;
  for (const auto& text : notice.texts) {
    const std::string title = escape(shortened(text.title, each / 3));
    if (!out.empty()) out += "\n\n";
    out += bold + title + bold_end + "\n" + body_text(text, escape, each / 2);
  }
  return out;
}

ordered_json webhook_body(const Notice& notice) {
  ordered_json data = notice.data;
  auto body = [&] {
    return ordered_json{{"type", notice.type}, {"timestamp", utc_time(notice.at_ms)}, {"data", data}};
  };
  // Cities are what grows.
  while (body().dump().size() > webhook_bytes && data.contains("places") && !data["places"].empty())
    data["places"].erase(data["places"].size() - 1);
  return body();
}

ordered_json slack_body(const Notice& notice) {
  std::string text = all_texts(notice, html, "*", "*", slack_section - 300);
  for (std::size_t i = 0; i < notice.links.size(); ++i)
    text += fmt::format("{}<{}|{}>", i == 0 ? "\n" : " · ", notice.links[i], html(notice.link_words[i]));
  return {{"text", html(shortened(notice.texts.front().title, slack_text))},
          {"blocks", {{{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", text}}}}}}};
}

std::string with_markdown_links(std::string text, const Notice& notice) {
  for (std::size_t i = 0; i < notice.links.size(); ++i)
    text += fmt::format("{}[{}]({})", i == 0 ? "\n" : " · ", markdown(notice.link_words[i]), notice.links[i]);
  return text;
}

ordered_json mattermost_body(const Notice& notice) {
  return {
      {"text", with_markdown_links(all_texts(notice, markdown, "**", "**", mattermost_text / 2), notice)}};
}

ordered_json discord_body(const Notice& notice) {
  ordered_json embeds = ordered_json::array();
  for (const auto& text : notice.texts) {
    ordered_json embed{{"title", shortened(text.title, discord_title)},
                       {"description", body_text(text, markdown, discord_description / 2 - 100)},
                       {"timestamp", utc_time(notice.at_ms)}};
    if (!notice.links.empty()) embed["url"] = notice.links.front();
    embeds.push_back(embed);
  }
  return {{"content", ""}, {"allowed_mentions", {{"parse", ordered_json::array()}}}, {"embeds", embeds}};
}

ordered_json telegram_body(const Receiver& receiver, const Notice& notice) {
  std::string text = all_texts(notice, html, "<b>", "</b>", telegram_text - 400);
  for (std::size_t i = 0; i < notice.links.size(); ++i)
    text += fmt::format("{}<a href=\"{}\">{}</a>", i == 0 ? "\n" : " · ", html(notice.links[i]),
                        html(notice.link_words[i]));
  ordered_json body{{"chat_id", receiver.chat},
                    {"parse_mode", "HTML"},
                    {"link_preview_options", {{"is_disabled", true}}},
                    {"text", text}};
  if (!notice.message_id.empty()) body["message_id"] = std::stoll(notice.message_id);
  return body;
}

ordered_json teams_body(const Notice& notice) {
  ordered_json blocks = ordered_json::array();
  for (const auto& text : notice.texts) {
    blocks.push_back({{"type", "TextBlock"},
                      {"wrap", true},
                      {"weight", "Bolder"},
                      {"text", markdown(shortened(text.title, teams_text / 4))}});
    blocks.push_back(
        {{"type", "TextBlock"}, {"wrap", true}, {"text", body_text(text, markdown, teams_text / 4)}});
  }
  ordered_json card{{"type", "AdaptiveCard"}, {"version", "1.4"}, {"body", blocks}};
  ordered_json actions = ordered_json::array();
  for (std::size_t i = 0; i < notice.links.size(); ++i)
    actions.push_back(
        {{"type", "Action.OpenUrl"}, {"title", notice.link_words[i]}, {"url", notice.links[i]}});
  if (!actions.empty()) card["actions"] = actions;
  return {{"type", "message"},
          {"attachments",
           {{{"contentType", "application/vnd.microsoft.card.adaptive"},
             {"contentUrl", nullptr},
             {"content", card}}}}};
}

ordered_json pagerduty_body(const Receiver& receiver, const Notice& notice) {
  static constexpr const char* severities[] = {"warning", "error", "critical"};
  ordered_json body{{"routing_key", receiver.secrets.front()},
                    {"event_action", notice.is_end ? "resolve" : "trigger"},
                    {"dedup_key", notice.thread}};
  body["payload"] = {{"summary", shortened(notice.texts.front().title, pagerduty_summary)},
                     {"source", "thap"},
                     {"severity", severities[static_cast<std::size_t>(notice.severity)]},
                     {"timestamp", utc_time(notice.started_ms)},
                     {"component", notice.service},
                     {"group", notice.region},
                     {"class", notice.symptom},
                     {"custom_details", notice.data.contains("observed")
                                            ? ordered_json{{"observed", notice.data["observed"]},
                                                           {"expected", notice.data["expected"]}}
                                            : ordered_json::object()}};
  ordered_json links = ordered_json::array();
  for (std::size_t i = 0; i < notice.links.size(); ++i)
    links.push_back({{"href", notice.links[i]}, {"text", notice.link_words[i]}});
  if (!links.empty()) body["links"] = links;
  return body;
}

// The path of a message that is there already, before the query.
std::string edit_url(const std::string& url, const std::string& below) {
  const auto query = url.find('?');
  return url.substr(0, query) + below + (query == std::string::npos ? "" : url.substr(query));
}

}  // namespace

std::string shortened(const std::string& text, std::size_t most_units) {
  const auto wide = icu::UnicodeString::fromUTF8(text);
  if (static_cast<std::size_t>(wide.length()) <= most_units) return text;
  if (most_units == 0) return {};
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> borders(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  borders->setText(wide);
  const auto end = borders->preceding(static_cast<int32_t>(most_units));  // a unit is left for the ellipsis
  std::string out;
  wide.tempSubStringBetween(0, std::max<int32_t>(0, end)).toUTF8String(out);
  return out + "…";
}

std::string incident_page(const std::string& site, const rules::IncidentId& id) {
  return site + "/#/incident/" + id;
}

Notice notice_of(const rules::Transition& transition, EventType type, const Receiver& receiver,
                 const nlp::Lexicon& lexicon, const std::string& site) {
  const rules::Incident& incident = transition.after;
  Notice out;
  out.type = fmt::format("incident.{}", name(type));
  out.at_ms = transition.at_ms;
  out.data = incident_json(incident, lexicon, -1);
  for (const auto tongue : receiver.tongues)
    out.texts.push_back(incident_text(transition, type, lexicon, tongue));
  if (!site.empty()) {
    out.links = {incident_page(site, incident.id)};
    out.link_words = {sentence(receiver.tongues.front(), "details")};
  }
  out.thread = incident.id;
  out.is_end = type == EventType::resolved || type == EventType::retracted;
  out.severity = incident.severity;
  out.service = service_key(lexicon, incident.service);
  out.region = incident.region;
  out.symptom = nlp::name(leading_symptom(incident));
  out.started_ms = incident.started_ms;
  return out;
}

Notice test_notice(const Receiver& receiver, std::int64_t now_ms) {
  Notice out;
  out.type = "test";
  out.at_ms = out.started_ms = now_ms;
  for (const auto tongue : receiver.tongues)
    out.texts.push_back(
        {sentence(tongue, "test", {{"receiver", receiver.name}}), {}, sentence(tongue, "caveat")});
  out.data = {{"message", out.texts.front().title}};
  out.thread = "test-" + receiver.name;
  out.is_end = true;  // a pager must not ring
  out.service = "thap";
  out.region = "IN";
  out.symptom = "test";
  return out;
}

OutgoingRequest outgoing(const Receiver& receiver, const Notice& notice, const std::string& delivery,
                         std::int64_t now_s) {
  OutgoingRequest out;
  out.url = receiver.urls.front();
  out.is_own_network = receiver.is_own_network;
  out.headers = {"content-type: application/json", "user-agent: thap"};
  switch (receiver.format) {
    case Format::webhook:
      out.body = webhook_body(notice).dump();
      out.headers.push_back("webhook-id: " + delivery);
      out.headers.push_back(fmt::format("webhook-timestamp: {}", now_s));
      out.headers.push_back("webhook-signature: " +
                            webhook_signature(receiver.secrets, delivery, now_s, out.body));
      break;
    case Format::slack:
      out.body = slack_body(notice).dump();
      break;
    case Format::mattermost:
      out.body = mattermost_body(notice).dump();
      break;
    case Format::discord:
      out.body = discord_body(notice).dump();
      if (notice.message_id.empty()) {
        out.url += out.url.find('?') == std::string::npos ? "?wait=true" : "&wait=true";
      } else {
        out.method = "PATCH";
        out.url = edit_url(out.url, "/messages/" + notice.message_id);
      }
      break;
    case Format::telegram:
      out.url = edit_url(out.url, notice.message_id.empty() ? "/sendMessage" : "/editMessageText");
      out.body = telegram_body(receiver, notice).dump();
      break;
    case Format::teams:
      out.body = teams_body(notice).dump();
      break;
    case Format::pagerduty:
      out.body = pagerduty_body(receiver, notice).dump();
      break;
    case Format::raw:
      out.body = notice.data.dump();
      break;
    case Format::alertmanager:
    case Format::file:
    case Format::output:
      out.body = json_line(notice, delivery);
      break;
  }
  return out;
}

std::string json_line(const Notice& notice, const std::string& delivery) {
  ordered_json words = ordered_json::array();
  for (const auto& text : notice.texts) {
    std::string all = text.title;
    for (const auto& line : text.lines) all += " " + line;
    words.push_back(all + " " + text.caveat);
  }
  return ordered_json{{"id", delivery},          {"type", notice.type}, {"timestamp", utc_time(notice.at_ms)},
                      {"thread", notice.thread}, {"message", words},    {"data", notice.data}}
      .dump();
}

std::string message_id_in(const Receiver& receiver, const std::string& answer) {
  if (receiver.format != Format::discord && receiver.format != Format::telegram) return {};
  const auto json = nlohmann::json::parse(answer, nullptr, false);
  if (!json.is_object()) return {};
  const auto digits = [](const std::string& text) {
    return !text.empty() && text.size() <= 19 && text.find_first_not_of("0123456789") == std::string::npos
               ? text
               : std::string();
  };
  if (receiver.format == Format::discord)
    return json.contains("id") && json["id"].is_string() ? digits(json["id"].get<std::string>()) : "";
  if (!json.contains("result") || !json["result"].is_object()) return {};
  const auto& result = json["result"];
  return result.contains("message_id") && result["message_id"].is_number_unsigned() &&
                 result["message_id"].get<std::uint64_t>() < (1ULL << 53)
             ? std::to_string(result["message_id"].get<std::uint64_t>())
             : "";
}

}  // namespace thap::serve
