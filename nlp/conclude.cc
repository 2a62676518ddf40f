// From events that are bound to services to a reading: what nobody says outright, what state stands at the
// end for each service, who speaks.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "nlp/analysis.h"

namespace thap::nlp {

namespace {

class Conclusion {
 public:
  Conclusion(const Lexicon::Tables& tables, Analysis& analysis, Reading& reading, Explanation* explanation)
      : t_(tables), a_(analysis), out_(reading), why_(explanation) {}

  void run(ReadHints hints) {
    out_.language = identify_language(t_, a_);
    places();
    bind_events(t_, a_);
    infer();
    for (std::size_t i = 0; i < a_.mentions.size(); ++i) service(i);
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
                       [&](const Event& e) { return !e.is_void && e.says == says && !e.bound.empty(); });
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
      event.bound.clear();
    }
    event.in_question = asked;
    bind_event(t_, a_, event);
    if (event.bound.empty()) return;
    std::erase_if(a_.events, [](const Event& e) { return !e.is_void && e.says == Event::Says::works; });
    a_.events.push_back(event);
  }

  // ---- What stands at the end for one service

  // @TheOfficialSBI in a post about YONO addresses the owner; the product alone is meant.
  bool is_owner_by_handle(const Mention& mention) const {
    const std::string& id = service_of(mention).id;
    bool owns = false;
    for (const Mention& m : a_.mentions) {
      if (m.service == mention.service && !m.in_handle) return false;
      owns = owns || (m.service != mention.service && service_of(m).owner == id);
    }
    return owns;
  }

  void service(std::size_t index) {
    const Mention& mention = a_.mentions[index];
    if (is_owner_by_handle(mention)) return;
    const ServiceId id = service_of(mention).number;
    for (const ServiceReading& done : out_.services)
      if (done.service == id) return;

    const Event *fail = nullptr, *back = nullptr, *works = nullptr;
    bool any_down = false, blamed = false, only_cause = true;
    SymptomSet symptoms;
    bool generic = false;
    for (const Mention& m : a_.mentions) {
      if (m.service != mention.service) continue;
      blamed = blamed || m.role == Role::cause;
      only_cause = only_cause && m.role == Role::cause;
    }
    auto order = [](const Event* e) { return e->in_tag ? -1 : static_cast<int>(e->first); };
    for (const Event& event : a_.events) {
      if (event.is_void || !bound_to(event, mention.service)) continue;
      // "when will it be back" does not take back that it is.
      if (back && t_.phrase_list[event.phrase].group == Group::not_back) continue;
      const Event*& last = event.says == Event::Says::fails  ? fail
                           : event.says == Event::Says::back ? back
                                                             : works;
      if (!last || order(&event) >= order(last)) last = &event;
    }
    ServiceReading reading{id, Status::mentioned, blamed && only_cause};
    std::string why = "named, no state";

    if (works && works->in_question && !fail && !back &&
        (a_.has(Group::others_too) || a_.has(Group::only_mine) || a_.has(Group::question) ||
         a_.tokens.size() <= 8)) {
      // "does X open for anybody?" is a report
      reading.status = Status::down;
      SymptomSet of = works->symptoms;
      if (of.empty()) of.add(Symptom::down);
      symptoms.add(of);
      why = fmt::format("asked whether it works: \"{}\"", t_.phrase_list[works->phrase].text);
    } else if (fail && !(back && a_.is_article) &&
               (!back || order(fail) > order(back) || back->in_question) &&
               !(works && denies(*works, *fail))) {
      // (In an article an explicit recovery stands, whatever its headline and background go on to say.)
      for (const Event& event : a_.events) {
        if (event.is_void || event.says != Event::Says::fails || !bound_to(event, mention.service)) continue;
        if (back && !back->in_question && order(&event) < order(back)) continue;
        any_down = any_down || event.status == Status::down;
        symptoms.add(event.symptoms);
        generic = generic || event.is_generic || (event.is_weak && event.symptoms.empty());
      }
      // "upi hocche na": of what moves money, not to happen is not to pay.
      const bool pays =
          service_of(mention).klass == "payment" && t_.phrase_list[fail->phrase].group == Group::fails;
      if (generic) symptoms.add(pays ? Symptom::payment : Symptom::down);
      reading.status = any_down ? Status::down : Status::degraded;
      why = fmt::format("said to fail: \"{}\"", t_.phrase_list[fail->phrase].text);
    } else if (back) {
      reading.status = Status::recovered;
      why = fmt::format("said to be back: \"{}\"", t_.phrase_list[back->phrase].text);
    } else if (works) {
      const bool again = a_.has(Group::now) && !a_.has(Group::deny) && !a_.has(Group::retrospective);
      if (again && cue_near(Group::now, *works) && !works->negated && !works->in_question) {
        reading.status = Status::recovered;
        why = fmt::format("works now: \"{}\"", t_.phrase_list[works->phrase].text);
      } else {
        why = fmt::format("said to work: \"{}\"", t_.phrase_list[works->phrase].text);
      }
    } else if (blamed && only_cause && anything_fails()) {
      reading.status = Status::down;
      symptoms.add(Symptom::down);
      why = "blamed for another's trouble";
    } else {
      for (const Event& event : a_.events)
        if (event.is_void && bound_to(event, mention.service))
          why = fmt::format("\"{}\" does not count: {}", t_.phrase_list[event.phrase].text,
                            name(event.voided_by));
      if (mention.role != Role::subject) why = fmt::format("named as {}", name(mention.role));
    }
    if (is_present_outage(reading.status)) out_.symptoms.add(symptoms);
    out_.services.push_back(reading);
    if (why_)
      why_->reasons.push_back(fmt::format("{} {}: {}", service_of(mention).id, name(reading.status), why));
  }

  bool bound_to(const Event& event, std::uint32_t service) const {
    for (std::uint16_t m : event.bound)
      if (a_.mentions[m].service == service) return true;
    return false;
  }
  bool cue_near(Group group, const Event& event) const {
    for (const PhraseHit& hit : a_.cues)
      if (t_.phrase_list[hit.phrase].group == group &&
          token(hit.first).sentence == token(event.first).sentence)
        return true;
    return false;
  }
  // "not down", "mine works" after a question about it
  bool denies(const Event& works, const Event& fail) const {
    return works.negated && !fail.in_tag ? works.first > fail.first : false;
  }
  bool anything_fails() const {
    return std::any_of(a_.events.begin(), a_.events.end(),
                       [](const Event& e) { return !e.is_void && e.says == Event::Says::fails; });
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
    bool generic = false;
    for (const Event& event : a_.events) {
      if (event.is_void || event.says != Event::Says::fails || event.bound.empty()) continue;
      out_.symptoms.add(event.symptoms);
      generic = generic || event.is_generic;
    }
    if (generic) out_.symptoms.add(Symptom::down);
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
    if (present) {
      if (a_.has(Group::news)) return because(Kind::news, "news voice");
      if (is_meme()) return because(Kind::meme, "joke about a live failure");
      bool asked = true, any_fail = false;
      for (const Event& event : a_.events) {
        if (event.is_void || event.bound.empty()) continue;
        if (event.says == Event::Says::fails && !event.in_tag) {
          any_fail = true;
          asked = asked && event.in_question;
        } else if (event.says == Event::Says::works && event.in_question) {
          any_fail = true;
        }
      }
      if (any_fail && asked) return because(Kind::question, "asks");
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
      if (event.is_void && event.voided_by == Group::past_marker && !event.bound.empty())
        return because(Kind::retrospective, "speaks of the past");
    if (a_.has(Group::government) || a_.has(Group::company_news) || a_.has(Group::news))
      return because(Kind::news, "news");
    if (a_.has(Group::wish) || a_.has(Group::simile) || a_.has(Group::metaphor))
      return because(Kind::meme, "figure of speech");
    return because(Kind::unrelated, "no present state");
  }
  bool is_meme() const { return a_.has(Group::meme) || a_.has(Group::emoji_meme); }

  const Lexicon::Tables& t_;
  Analysis& a_;
  Reading& out_;
  Explanation* why_;
  std::string kind_reason_;
};

}  // namespace

void conclude(const Lexicon::Tables& tables, std::string_view, ReadHints hints, Analysis& analysis,
              Reading& reading, Explanation* explanation) {
  Conclusion(tables, analysis, reading, explanation).run(hints);
}

}  // namespace thap::nlp
