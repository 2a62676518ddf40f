// From events that are bound to services to a reading: what nobody says outright, what state stands at the
// end for each service, who speaks.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <vector>

#include "nlp/analysis.h"

namespace thap::nlp {

namespace {

class Conclusion {
 public:
  Conclusion(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis, Reading& reading,
             Explanation* explanation)
      : t_(tables), text_(text), a_(analysis), out_(reading), why_(explanation) {}

  void run(ReadHints hints) {
    out_.language = identify_language(t_, a_);
    places();
    bind_events(t_, a_);
    infer();
    services();
    settle_blame();
    out_.kind = hints.author_is_official ? Kind::official : kind();
    if (a_.is_article)
      tell_events();
    else if (!any(Status::down) && !any(Status::degraded))
      out_.symptoms = {};
    // Only what may be admitted has to be told from its copies.
    if (std::any_of(out_.services.begin(), out_.services.end(),
                    [](const ServiceReading& r) { return r.status != Status::mentioned || r.blamed; }))
      fingerprint();
    if (why_) {
      why_->reasons.push_back(fmt::format("kind {}: {}", name(out_.kind), kind_reason_));
      why_->reasons.push_back(fmt::format("language {}", name(out_.language)));
    }
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  const Service& service_of(const Mention& m) const { return t_.services[m.service]; }

  void fingerprint() {
    std::string words;
    int bits[64] = {};
    for (const ReadToken& t : a_.tokens) {
      if (t.token.type != TokenType::word && t.token.type != TokenType::number) continue;
      if (t.token.has(in_handle)) continue;
      const std::string_view text = a_.scanned.text_of(t.token);
      words.append(text);
      words.push_back(' ');
      const std::uint64_t h = XXH3_64bits(text.data(), text.size());
      for (int b = 0; b < 64; ++b) bits[b] += (h >> b) & 1 ? 1 : -1;
      ++out_.words;
    }
    out_.text_hash = XXH3_64bits(words.data(), words.size());
    for (int b = 0; b < 64; ++b)
      if (bits[b] > 0) out_.simhash |= std::uint64_t{1} << b;
  }

  void places() {
    for (const PlaceMention& p : a_.places) {
      const PlaceId id = t_.places[p.place].number;
      if (std::find(out_.places.begin(), out_.places.end(), id) == out_.places.end())
        out_.places.push_back(id);
    }
  }

  // ---- What nobody says outright

  static constexpr std::size_t longest_inferred = 32;  // tokens: longer posts are about several things

  bool any_event(Event::Says says) const {
    return std::any_of(a_.events.begin(), a_.events.end(),
                       [&](const Event& e) { return !e.is_void && e.says == says && e.bond != 0; });
  }
  bool asks() const {
    if (a_.has(Group::question)) return true;
    return std::any_of(a_.tokens.begin(), a_.tokens.end(), [](const ReadToken& t) {
      return t.token.type == TokenType::stop && t.token.has(question);
    });
  }

  // Posts that complain without a word of failure: "cred pe bill payment 6 ghante se processing, office me
  // sabka same". A thing that can fail, and enough of: for how long, others too, anger, now. A question
  // whether it works for anybody is a report as well.
  void infer() {
    if (any_event(Event::Says::fails) || any_event(Event::Says::back)) return;
    for (Group group : {Group::planned, Group::government, Group::retrospective, Group::company_news,
                        Group::marketing, Group::advice, Group::hypothetical, Group::wish, Group::deny,
                        Group::deactivated, Group::customer_complaint, Group::metaphor, Group::official,
                        Group::simile, Group::news, Group::conversation})
      if (a_.has(group)) return;
    if (a_.has(Group::own_trouble) && !a_.has(Group::own_ruled_out)) return;
    const PhraseHit* topic = nullptr;
    for (const PhraseHit& hit : a_.states)
      if (t_.phrase_list[hit.phrase].group == Group::topic &&
          t_.phrase_list[hit.phrase].symptom != Symptom::down)
        topic = &hit;
    const bool works = any_event(Event::Says::works);
    const bool asked = asks() && (a_.has(Group::others_too) || a_.has(Group::only_mine));
    if (works && !asked) return;
    if (a_.tokens.size() > longest_inferred) return;
    // Time or company is needed; anger alone is about anything.
    int points = a_.has(Group::since) + a_.has(Group::others_too) + a_.has(Group::only_mine);
    if (points > 0) points += a_.has(Group::residual) + a_.has(Group::emoji_anger);
    if (!(asked && (topic || works)) && !(topic && points >= 2)) return;
    Event event;
    if (topic) {
      event.first = topic->first;
      event.last = topic->last;
      event.phrase = topic->phrase;
      event.symptoms.add(t_.phrase_list[topic->phrase].symptom);
    } else {
      for (const Event& e : a_.events)
        if (!e.is_void && e.says == Event::Says::works) event = e;
      event.says = Event::Says::fails;
      event.negated = false;
      event.is_generic = event.symptoms.empty();
      event.bond = 0;
    }
    event.in_question = asked;
    bind_event(t_, a_, event);
    if (event.bond == 0) return;
    std::erase_if(a_.events, [](const Event& e) { return !e.is_void && e.says == Event::Says::works; });
    a_.events.push_back(event);
  }

  // ---- What stands at the end for one service

  // One service that is named, in all its mentions.
  struct Named {
    std::uint32_t service{0};
    std::uint16_t mention{0};  // the first
    bool in_text{false};       // by more than its handle
    bool blamed{false}, only_cause{true};
  };
  // What the events that speak of a service come to.
  struct Outcome {
    const Event *fail{nullptr}, *back{nullptr}, *works{nullptr};  // the last of each
    const Event* voided{nullptr};                                 // the last that does not count
    bool any_down{false},
        is_generic{false};  // of those that fail and are not over: one is down; says no more
    SymptomSet symptoms;    // likewise
  };

  void services() {
    name_services();
    group_events();
    for (const Named& named : named_)
      if (!is_owner_by_handle(named)) service(named);
  }

  void name_services() {
    constexpr std::uint16_t unnamed = 0xFFFF;
    std::vector<std::uint16_t>& at = a_.by_service;
    at.assign(t_.services.size(), unnamed);
    for (std::size_t i = 0; i < a_.mentions.size(); ++i) {
      const Mention& m = a_.mentions[i];
      if (at[m.service] == unnamed) {
        at[m.service] = static_cast<std::uint16_t>(named_.size());
        named_.push_back({m.service, static_cast<std::uint16_t>(i)});
        if (const Service& s = service_of(m); !s.owner.empty() && s.owner != s.id) owners_.push_back(s.owner);
      }
      Named& named = named_[at[m.service]];
      named.in_text = named.in_text || !m.in_handle;
      named.blamed = named.blamed || m.role == Role::cause;
      named.only_cause = named.only_cause && m.role == Role::cause;
    }
    std::sort(owners_.begin(), owners_.end());
  }
  // @TheOfficialSBI in a post about YONO addresses the owner; the product alone is meant.
  bool is_owner_by_handle(const Named& named) const {
    return !named.in_text && std::binary_search(owners_.begin(), owners_.end(),
                                                std::string_view(t_.services[named.service].id));
  }

  // Which events are bound together, and which of these bonds a service has: most have one, shared by all
  // services of a list, so that what it comes to is worked out once.
  void group_events() {
    std::vector<std::uint32_t>& begin = a_.bond_begin;
    begin.assign(a_.bonds.size() + 1, 0);
    for (const Event& event : a_.events) ++begin[event.bond];
    std::exclusive_scan(begin.begin(), begin.end(), begin.begin(), 0u);
    a_.events_by_bond.resize(a_.events.size());
    for (std::size_t e = 0; e < a_.events.size(); ++e)
      a_.events_by_bond[begin[a_.events[e].bond]++] = static_cast<std::uint16_t>(e);
    // Each entry has moved to where the next begins.
    std::rotate(begin.begin(), begin.end() - 1, begin.end());
    begin.front() = 0;
    for (std::size_t bond = 1; bond < a_.bonds.size(); ++bond)
      for (std::uint32_t i = a_.bonds[bond].first; i < a_.bonds[bond].last; ++i)
        service_bonds_.emplace_back(a_.mentions[a_.bound_mentions[i]].service,
                                    static_cast<std::uint16_t>(bond));
    a_.looks += service_bonds_.size();
    std::sort(service_bonds_.begin(), service_bonds_.end());
    service_bonds_.erase(std::unique(service_bonds_.begin(), service_bonds_.end()), service_bonds_.end());
    outcomes_.resize(a_.bonds.size());
  }
  std::span<const std::uint16_t> events_of(std::uint16_t bond) const {
    return std::span(a_.events_by_bond)
        .subspan(a_.bond_begin[bond], a_.bond_begin[bond + 1u] - a_.bond_begin[bond]);
  }
  Outcome outcome_for(std::uint32_t service) {
    const auto from =
        std::lower_bound(service_bonds_.begin(), service_bonds_.end(), std::pair{service, std::uint16_t{0}});
    const auto to =
        std::find_if(from, service_bonds_.end(), [&](const auto& x) { return x.first != service; });
    if (from == to) return {};
    if (to - from == 1) {
      auto& outcome = outcomes_[from->second];
      if (!outcome) outcome = outcome_of(events_of(from->second));
      return *outcome;
    }
    std::vector<std::uint16_t> events;
    for (auto i = from; i != to; ++i) {
      const auto more = events_of(i->second);
      events.insert(events.end(), more.begin(), more.end());
    }
    std::sort(events.begin(), events.end());
    return outcome_of(events);
  }

  static int order(const Event* event) { return event->in_tag ? -1 : static_cast<int>(event->first); }

  Outcome outcome_of(std::span<const std::uint16_t> events) const {
    a_.looks += events.size();
    Outcome out;
    for (const std::uint16_t e : events) {
      const Event& event = a_.events[e];
      if (event.is_void) {
        out.voided = &event;
        continue;
      }
      // "when will it be back" does not take back that it is.
      if (out.back && t_.phrase_list[event.phrase].group == Group::not_back) continue;
      const Event*& last = event.says == Event::Says::fails  ? out.fail
                           : event.says == Event::Says::back ? out.back
                                                             : out.works;
      if (!last || order(&event) >= order(last)) last = &event;
    }
    for (const std::uint16_t e : events) {
      const Event& event = a_.events[e];
      if (event.is_void || event.says != Event::Says::fails) continue;
      if (out.back && !out.back->in_question && order(&event) < order(out.back)) continue;
      out.any_down = out.any_down || event.status == Status::down;
      out.symptoms.add(event.symptoms);
      const bool bare = event.is_generic || (event.is_weak && event.symptoms.empty());
      if (bare && !event.in_tag && names_line(event))
        out.symptoms.add(Symptom::internet);
      else
        out.is_generic = out.is_generic || bare;
    }
    return out;
  }
  // "JioFiber is dead", "Airtel Xstream mara pada hai": the name says that it is a line.
  bool names_line(const Event& event) const {
    const auto bound = a_.bound(event);
    for (const std::uint16_t m : bound.first(std::min<std::size_t>(bound.size(), 4)))
      for (std::size_t i = a_.mentions[m].first; i < a_.mentions[m].last; ++i)
        if (reads_as(i, t_.fibre)) return true;
    return false;
  }
  bool reads_as(std::size_t i, Symbol symbol) const {
    const auto readings = a_.tokens[i].readings.all();
    return std::find(readings.begin(), readings.end(), symbol) != readings.end();
  }

  void service(const Named& named) {
    const Service& of = t_.services[named.service];
    const auto [fail, back, works, voided, any_down, is_generic, failing] = outcome_for(named.service);
    const bool is_blamed = named.blamed && named.only_cause;
    ServiceReading reading{of.number, Status::mentioned, is_blamed};
    SymptomSet symptoms;
    std::string why;
    because(why, "named, no state");

    if (works && works->in_question && !fail && !back &&
        (a_.has(Group::others_too) || a_.has(Group::only_mine) || a_.has(Group::question) ||
         a_.tokens.size() <= 8)) {
      // "does X open for anybody?" is a report
      reading.status = Status::down;
      symptoms = works->symptoms;
      if (symptoms.empty()) symptoms = topics_within(*works);
      if (symptoms.empty()) symptoms.add(Symptom::down);
      because(why, "asked whether it works: \"{}\"", t_.phrase_list[works->phrase].text);
    } else if (fail && !(back && a_.is_article) &&
               (!back || order(fail) > order(back) || back->in_question) &&
               !(works && denies(*works, *fail))) {
      // (In an article an explicit recovery stands, whatever its headline and background go on to say.)
      symptoms = failing;
      // "upi hocche na": of what moves money, not to happen is not to pay.
      const bool pays = of.klass == "payment" && t_.phrase_list[fail->phrase].group == Group::fails;
      if (is_generic) symptoms.add(pays ? Symptom::payment : Symptom::down);
      reading.status = any_down ? Status::down : Status::degraded;
      because(why, "said to fail: \"{}\"", t_.phrase_list[fail->phrase].text);
    } else if (back) {
      // "Slowly coming back": in an article, which tells how it went on, that is not the end.
      reading.status = a_.is_article ? status_when_back(t_, *back) : Status::recovered;
      because(why, "said to be {}back: \"{}\"", reading.status == Status::degraded ? "coming " : "",
              t_.phrase_list[back->phrase].text);
    } else if (works) {
      const bool again = a_.has(Group::now) && !a_.has(Group::deny) && !a_.has(Group::retrospective);
      if (again && is_said_now(*works) && !works->negated && !works->in_question) {
        reading.status = Status::recovered;
        because(why, "works now: \"{}\"", t_.phrase_list[works->phrase].text);
      } else {
        because(why, "said to work: \"{}\"", t_.phrase_list[works->phrase].text);
      }
    } else if (is_blamed && anything_fails()) {
      reading.status = Status::down;
      symptoms.add(Symptom::down);
      because(why, "blamed for another's trouble");
    } else {
      if (voided)
        because(why, "\"{}\" does not count: {}", t_.phrase_list[voided->phrase].text,
                name(voided->voided_by));
      if (const Role role = a_.mentions[named.mention].role; role != Role::subject)
        because(why, "named as {}", name(role));
    }
    // "no sound": of what plays films, they do not play; nobody calls there.
    if (of.klass == "ott" && symptoms.has(Symptom::call)) {
      symptoms.remove(Symptom::call);
      symptoms.add(Symptom::stream);
    }
    if (is_present_outage(reading.status)) out_.symptoms.add(symptoms);
    out_.services.push_back(reading);
    if (why_) why_->reasons.push_back(fmt::format("{} {}: {}", of.id, name(reading.status), why));
  }
  // "able to book", "login korte parchen": what is asked about is part of the words that ask.
  SymptomSet topics_within(const Event& event) const {
    SymptomSet out;
    if (a_.tokens.size() > longest_inferred) return out;
    for (const PhraseHit& hit : a_.hits)
      if (hit.first >= event.first && hit.last <= event.last &&
          t_.phrase_list[hit.phrase].group == Group::topic)
        out.add(t_.phrase_list[hit.phrase].symptom);
    return out;
  }
  // Reasons cost more than what they explain.
  template <class... Args>
  void because(std::string& why, fmt::format_string<Args...> text, Args&&... args) const {
    if (why_) why = fmt::format(text, std::forward<Args>(args)...);
  }

  bool is_said_now(const Event& event) const {
    return a_.sentence_groups[token(event.first).sentence] & Analysis::bit(Group::now);
  }
  // "not down", "mine works" after a question about it
  bool denies(const Event& works, const Event& fail) const {
    if (fail.in_tag) return false;
    if (works.first < fail.first) return fail.in_question && says_own_works(works);
    return works.negated || own_works(works, fail);
  }
  // "mera airtel to makkhan chal raha, kiska down hai?"
  bool says_own_works(const Event& works) const {
    if (works.negated || works.in_question || a_.tokens.size() > longest_inferred) return false;
    return std::any_of(a_.cues.begin(), a_.cues.end(), [&](const PhraseHit& hit) {
      return t_.phrase_list[hit.phrase].group == Group::first_person && hit.first < works.last &&
             hit.first + 5 >= works.first;
    });
  }
  // "whatsapp down bolche shobai kintu amar to cholche": after "but", mine works.
  bool own_works(const Event& works, const Event& fail) const {
    if (a_.tokens.size() > longest_inferred || works.in_question) return false;
    bool turns = false, own = false;
    for (const PhraseHit& hit : a_.cues) {
      const Group group = t_.phrase_list[hit.phrase].group;
      if (group == Group::but && hit.first >= fail.first && hit.last <= works.first + 2) turns = true;
      if (group == Group::first_person && hit.first + 4 >= works.first && hit.first >= fail.last &&
          hit.first < works.last)
        own = true;
    }
    return turns && own;
  }
  bool anything_fails() {
    if (!anything_fails_)
      anything_fails_ = std::any_of(a_.events.begin(), a_.events.end(), [](const Event& e) {
        return !e.is_void && e.says == Event::Says::fails;
      });
    return *anything_fails_;
  }
  bool any(Status status) const {
    return std::any_of(out_.services.begin(), out_.services.end(),
                       [&](const ServiceReading& s) { return s.status == status; });
  }

  // A provider that fails beside those who run on it is their cause, however the post puts it ("Akamai
  // outage, that is why Paytm is down"). Blame without anybody else's trouble is a complaint like any other
  // ("everyone is here because WhatsApp is down").
  void settle_blame() {
    auto fails = [](const ServiceReading& r) { return is_present_outage(r.status); };
    auto is_provider = [&](const ServiceReading& r) {
      return t_.services[t_.service_by_number.at(static_cast<std::uint32_t>(r.service))].klass ==
             "infrastructure";
    };
    const bool others_fail =
        std::any_of(out_.services.begin(), out_.services.end(),
                    [&](const ServiceReading& r) { return fails(r) && !r.blamed && !is_provider(r); });
    for (ServiceReading& r : out_.services) {
      if (!others_fail)
        r.blamed = false;
      else if (fails(r) && is_provider(r))
        r.blamed = true;
    }
  }

  // An article's symptoms are those of the events it reports, whether or not they are over.
  void tell_events() {
    std::vector<bool> blamed(t_.services.size());
    for (const ServiceReading& r : out_.services)
      if (r.blamed) blamed[t_.service_by_number.at(static_cast<std::uint32_t>(r.service))] = true;
    out_.symptoms = {};
    bool generic = false;
    for (const Event& event : a_.events) {
      if (event.is_void || event.says != Event::Says::fails || event.bond == 0) continue;
      // "Some trouble with the network of Akamai": of those who use it, it says that they fail.
      const auto bound = a_.bound(event);
      const bool of_cause = std::all_of(bound.begin(), bound.end(),
                                        [&](std::uint16_t m) { return blamed[a_.mentions[m].service]; });
      if (!of_cause) out_.symptoms.add(event.symptoms);
      generic = generic || event.is_generic || of_cause;
    }
    if (generic) out_.symptoms.add(Symptom::down);
    if (a_.has(Group::overload) && !out_.symptoms.empty()) tell_what_was_tried();
  }
  // "So many tried to log in at once": what they tried is what did not work.
  void tell_what_was_tried() {
    std::optional<std::uint16_t> told;
    for (const PhraseHit& hit : a_.cues) {
      if (t_.phrase_list[hit.phrase].group != Group::overload) continue;
      const std::uint16_t sentence = token(hit.first).sentence;
      if (sentence == told) continue;
      told = sentence;
      const auto first = std::partition_point(
          a_.states.begin(), a_.states.end(),
          [&](const PhraseHit& state) { return token(state.first).sentence < sentence; });
      for (auto state = first; state != a_.states.end() && token(state->first).sentence == sentence;
           ++state) {
        ++a_.looks;
        const Phrase& phrase = t_.phrase_list[state->phrase];
        if (phrase.group == Group::topic && phrase.symptom == Symptom::login)
          out_.symptoms.add(phrase.symptom);
      }
    }
  }

  // ---- Who speaks

  Kind kind() {
    if (a_.is_article) {
      kind_reason_ = "an article";
      return Kind::news;
    }
    const bool present = any(Status::down) || any(Status::degraded);
    auto because = [&](Kind k, std::string_view reason) {
      kind_reason_ = reason;
      return k;
    };
    if (a_.has(Group::official)) return because(Kind::official, "speaks as the service");
    if (signs_as_service()) return because(Kind::official, "signed by the service");
    if (present) {
      if (a_.has(Group::news)) return because(Kind::news, "news voice");
      const bool asked = only_asks();
      if (is_meme() && !(asked && !a_.has(Group::emoji_meme)))
        return because(Kind::meme, "joke about a live failure");
      if (asked && !tells_beside()) return because(Kind::question, "asks");
      return because(Kind::complaint, "says that it fails now");
    }
    if (any(Status::recovered)) {
      if (a_.has(Group::news)) return because(Kind::news, "news voice");
      return because(Kind::recovery, "says that it works again");
    }
    if (a_.has(Group::planned) && !a_.mentions.empty())
      return because(a_.has(Group::news) ? Kind::news : Kind::official, "announces");
    if (a_.has(Group::retrospective)) return because(Kind::retrospective, "looks back");
    for (const Event& event : a_.events)
      if (event.is_void && event.voided_by == Group::past_marker && event.bond != 0)
        return because(Kind::retrospective, "speaks of the past");
    if (a_.has(Group::government) || a_.has(Group::company_news) || a_.has(Group::news))
      return because(Kind::news, "news");
    if (a_.mentions.empty() && together({t_.net, t_.stop, t_.authority}))
      return because(Kind::news, "the net shut by order");
    if (a_.has(Group::wish) || a_.has(Group::simile) || a_.has(Group::metaphor))
      return because(Kind::meme, "figure of speech");
    if (a_.mentions.empty() && together({t_.mind, t_.machine}))
      return because(Kind::meme, "what has no server has one");
    return because(Kind::unrelated, "no present state");
  }

  // Every word of failure asks, or asks whether it works.
  bool only_asks() const {
    bool any_fail = false;
    for (const Event& event : a_.events) {
      if (event.is_void || event.bond == 0) continue;
      if (event.says == Event::Says::fails && !event.in_tag) {
        if (!event.in_question) return false;
        any_fail = true;
      } else if (event.says == Event::Says::works && event.in_question) {
        any_fail = true;
      }
    }
    return any_fail || (a_.has(Group::question) && tag_asks());
  }
  // "#AirtelDown anybody?"
  bool tag_asks() const {
    return std::any_of(a_.tokens.begin(), a_.tokens.end(), [](const ReadToken& t) {
      return t.token.type == TokenType::stop && t.token.has(question);
    });
  }
  // Beside the question something is told: since when, the writer's own trouble; or why it fails is all that
  // is asked, and the post goes on.
  bool tells_beside() const {
    struct Part {
      int words{0};
      bool asks{false}, why{false}, tells{false};
    };
    std::vector<Part> sentences(1u + last_token().sentence), clauses(1u + last_token().clause);
    bool wonders = false;
    for (std::size_t i = 0; i < a_.tokens.size(); ++i) {
      const Token& t = token(i);
      Part &sentence = sentences[t.sentence], &clause = clauses[t.clause];
      const bool word = t.type == TokenType::word && !t.has(in_tag) && !t.has(in_handle);
      sentence.words += word;
      clause.words += word;
      if (t.type == TokenType::stop && t.has(question)) sentence.asks = clause.asks = true;
      if (reads_as(i, t_.asks_why)) sentence.why = clause.why = wonders = true;
    }
    for (const PhraseHit& hit : a_.cues) {
      const Group group = t_.phrase_list[hit.phrase].group;
      Part &sentence = sentences[token(hit.first).sentence], &clause = clauses[token(hit.first).clause];
      if (group == Group::question) sentence.asks = clause.asks = true;
      if (group == Group::since || group == Group::first_person || group == Group::residual)
        sentence.tells = true;
    }
    if (std::any_of(sentences.begin(), sentences.end(),
                    [](const Part& p) { return p.words >= 3 && p.tells && !p.asks && !p.why; }))
      return true;
    return wonders && std::any_of(clauses.begin(), clauses.end(),
                                  [](const Part& p) { return p.words >= 3 && !p.asks && !p.why; });
  }
  const Token& last_token() const { return a_.tokens.back().token; }

  // "... – Zerodha", "- Team Flipkart" at the end, "एनपीसीआई: ..." at the beginning.
  bool signs_as_service() const {
    if (a_.mentions.empty()) return false;
    const Mention &first = a_.mentions.front(), &last = a_.mentions.back();
    if (!last.in_tag && !last.in_handle && last.first > 5 && follows_dash(last) && words_from(last.last) <= 2)
      return true;
    return first.first == 0 && !first.in_tag && !first.in_handle && follows(first.last, ":") &&
           !a_.has(Group::first_person) && announces(first.last);
  }
  bool announces(std::size_t colon) const {
    return colon + 1 < a_.tokens.size() && token(colon + 1).type == TokenType::word &&
           (a_.has(Group::planned) || a_.has(Group::deny) || text_speaks_as_company());
  }
  bool text_speaks_as_company() const {
    return std::any_of(a_.events.begin(), a_.events.end(),
                       [](const Event& e) { return e.says != Event::Says::fails; });
  }
  bool follows_dash(const Mention& m) const {
    std::size_t before = m.first - 1;
    if (a_.scanned.text_of(token(before)) == "team" && before > 0) --before;
    const Token& t = token(before);
    if (t.type != TokenType::pause) return false;
    const std::string_view mark = text_.substr(t.begin, t.end - t.begin);
    return mark == "-" || mark == "–" || mark == "—" || mark == "--" || mark == "~";
  }
  bool follows(std::size_t at, std::string_view mark) const {
    return at < a_.tokens.size() && text_.substr(token(at).begin, token(at).end - token(at).begin) == mark;
  }
  int words_from(std::size_t at) const {
    int n = 0;
    for (; at < a_.tokens.size(); ++at)
      n += token(at).type == TokenType::word || token(at).type == TokenType::number;
    return n;
  }
  // One word of each class, in one sentence.
  bool together(std::initializer_list<Symbol> classes) const {
    std::vector<unsigned> seen(a_.tokens.empty() ? 0 : 1u + last_token().sentence);
    for (std::size_t i = 0; i < a_.tokens.size(); ++i) {
      unsigned bit = 1;
      for (const Symbol symbol : classes) {
        if (reads_as(i, symbol)) seen[token(i).sentence] |= bit;
        bit <<= 1;
      }
    }
    const unsigned all = (1u << classes.size()) - 1;
    return std::find(seen.begin(), seen.end(), all) != seen.end();
  }
  bool is_meme() const { return a_.has(Group::meme) || a_.has(Group::emoji_meme); }

  const Lexicon::Tables& t_;
  const std::string_view text_;
  Analysis& a_;
  Reading& out_;
  Explanation* why_;
  std::string_view kind_reason_;
  std::vector<Named> named_;                                            // in order of first mention
  std::vector<std::string_view> owners_;                                // of the services named; sorted
  std::vector<std::pair<std::uint32_t, std::uint16_t>> service_bonds_;  // sorted
  std::vector<std::optional<Outcome>> outcomes_;                        // by bond, once asked for
  std::optional<bool> anything_fails_;
};

}  // namespace

void conclude(const Lexicon::Tables& tables, std::string_view text, ReadHints hints, Analysis& analysis,
              Reading& reading, Explanation* explanation) {
  Conclusion(tables, text, analysis, reading, explanation).run(hints);
}

}  // namespace thap::nlp
