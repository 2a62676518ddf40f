// From events to a reading: which service each event speaks of, what state stands at the end, who speaks.
#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "nlp/analysis.h"

namespace thap::nlp {

std::string_view name(Role role) {
  switch (role) {
    case Role::subject:
      return "subject";
    case Role::cause:
      return "cause";
    case Role::guess:
      return "guess";
    case Role::refuge:
      return "refuge";
    case Role::speaker:
      return "speaker";
    case Role::owner:
      return "owner";
    case Role::verb:
      return "verb";
  }
  return "";
}

namespace {

class Conclusion {
 public:
  Conclusion(const Lexicon::Tables& tables, Analysis& analysis, Reading& reading, Explanation* explanation)
      : t_(tables), a_(analysis), out_(reading), why_(explanation) {}

  void run(ReadHints hints) {
    out_.language = identify_language(t_, a_);
    places();
    roles();
    lists();
    bind();
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
  bool reads_as(std::size_t i, Symbol symbol) const {
    const auto readings = a_.tokens[i].readings.all;
    return std::find(readings.begin(), readings.end(), symbol) != readings.end();
  }
  const Service& service_of(const Mention& m) const { return t_.services[m.service]; }
  std::string_view phrase_text(const PhraseHit& hit) const { return t_.phrase_list[hit.phrase].text; }

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

  // ---- Which mentions can be the subject of trouble

  bool overlaps(const PhraseHit& hit, const Mention& m) const {
    return hit.first < m.last && hit.last > m.first;
  }
  // The cue stands over the mention or right beside it in its clause.
  bool beside(const PhraseHit& hit, const Mention& m, int reach) const {
    if (overlaps(hit, m)) return true;
    if (token(hit.first).clause != token(m.first).clause) return false;
    const int d = hit.first >= m.last ? hit.first - m.last : m.first - hit.last;
    return d <= reach;
  }

  void roles() {
    for (const PhraseHit& hit : a_.cues) {
      const Group group = t_.phrase_list[hit.phrase].group;
      for (Mention& m : a_.mentions) {
        switch (group) {
          case Group::blame_before:  // X ki wajah se
            if (overlaps(hit, m) || (hit.first >= m.last && beside(hit, m, 2) && nearest_before(hit, m)))
              m.role = Role::cause;
            break;
          case Group::blame_after:  // because of X
            if (overlaps(hit, m) || (hit.last <= m.first && beside(hit, m, 3) && nearest_after(hit, m)))
              m.role = Role::cause;
            break;
          case Group::guess:
            if (overlaps(hit, m)) m.role = Role::guess;
            break;
          case Group::refuge:
            if (overlaps(hit, m) || beside(hit, m, 2)) m.role = Role::refuge;
            break;
          case Group::rival:
            if (overlaps(hit, m)) m.role = Role::refuge;
            break;
          case Group::speaker:
            if (overlaps(hit, m)) m.role = Role::speaker;
            break;
          case Group::owner:
            if (overlaps(hit, m)) m.role = Role::owner;
            break;
          case Group::imperative_use:
            if (overlaps(hit, m)) m.role = Role::verb;
            break;
          default:
            break;
        }
      }
    }
    // "paytm karo bolte the, ab payment ghoome ja raha hai": the verb is all there is to speak of.
    if (std::none_of(a_.mentions.begin(), a_.mentions.end(),
                     [](const Mention& m) { return m.role == Role::subject; }))
      for (Mention& m : a_.mentions)
        if (m.role == Role::verb) m.role = Role::subject;
    // RT @user: the handle before the colon is the speaker.
    for (Mention& m : a_.mentions)
      if (m.in_handle && m.first == 1 && a_.scanned.text_of(token(0)) == "rt") m.role = Role::speaker;
  }
  bool nearest_before(const PhraseHit& hit, const Mention& m) const {
    for (const Mention& other : a_.mentions)
      if (&other != &m && other.last <= hit.first && other.first >= m.last) return false;
    return true;
  }
  bool nearest_after(const PhraseHit& hit, const Mention& m) const {
    for (const Mention& other : a_.mentions)
      if (&other != &m && other.first >= hit.last && other.last <= m.first) return false;
    return true;
  }

  // Mentions with nothing but connectors, marks and particles between them are one list: "fb, insta aur wa".
  void lists() {
    std::uint16_t list = 0;
    for (std::size_t i = 0; i < a_.mentions.size(); ++i) {
      if (i > 0) {
        bool joined = a_.mentions[i].role == a_.mentions[i - 1].role;
        const std::size_t from = a_.mentions[i - 1].last, to = a_.mentions[i].first;
        for (std::size_t k = from; k < to && joined; ++k) {
          const Token& t = token(k);
          joined = t.type == TokenType::pause || t.type == TokenType::quote || t.type == TokenType::emoji ||
                   t.has(particle) || reads_as(k, t_.connector);
        }
        if (!joined) ++list;
      }
      a_.mentions[i].list = list;
    }
  }

  // ---- Which service an event speaks of

  void bind() {
    for (std::size_t e = 0; e < a_.events.size(); ++e) {
      Event& event = a_.events[e];
      if (event.in_tag) bind_in_tag(event);
      if (event.bound.empty()) bind_in_text(event);
      if (event.bound.empty() && !event.in_tag) bind_to_cause(event);
    }
  }
  // #FacebookDown says it of Facebook alone.
  void bind_in_tag(Event& event) {
    std::size_t first = event.first, last = event.last;
    while (first > 0 && token(first).has(glued)) --first;
    while (last < a_.tokens.size() && token(last).has(in_tag) && token(last).has(glued)) ++last;
    for (std::size_t m = 0; m < a_.mentions.size(); ++m)
      if (a_.mentions[m].first >= first && a_.mentions[m].last <= last)
        event.bound.push_back(static_cast<std::uint16_t>(m));
  }

  bool is_subject(const Mention& m) const { return m.role == Role::subject; }

  // How far from a name words of failure may stand. A handle or tag is about the whole post; "nahi ho raha"
  // is about what stands beside it, "is down" may come a sentence later. Who writes forty words without a
  // stop speaks of many things: there only neighbours belong together.
  bool within_reach(const Event& event, const Mention& m) const {
    if (m.in_handle || m.in_tag) return true;
    const int d = m.last <= event.first   ? event.first - m.last
                  : m.first >= event.last ? m.first - event.last
                                          : 0;
    const int sentences = std::abs(int(token(m.first).sentence) - int(token(event.first).sentence));
    const Phrase& phrase = t_.phrase_list[event.phrase];
    const bool firm =
        phrase.group != Group::fails && phrase.group != Group::not_back && phrase.group != Group::topic;
    if (a_.is_article) return firm || !event.symptoms.empty() || (sentences == 0 && d <= 4);
    // No rule below reaches further; asked first, it keeps a post full of names and events cheap.
    if (sentences == 0 ? d > 14 : a_.tokens.size() > 60) return false;
    const std::size_t length = sentence_length(event.first);
    const bool rambles = length > longest_plain_sentence;
    // "gaya", "shesh", "out": of what was just named; before the name only where nothing else is said.
    if (phrase.near == 1 && m.first >= event.last && length > 8) return false;
    // "will be fixed", "kab thik hoga": of what is named right there.
    if (phrase.group == Group::not_back && (sentences != 0 || d > 4 || rambles)) return false;
    // In our word order what fails stands before its verb: a name after it begins something new, unless there
    // is no room for anything else.
    if (!firm && sentences == 0 && m.first >= event.last) {
      const std::size_t before = words_before(event.first), after = words_after(m.last);
      const bool other_clause = token(m.first).clause != token(event.first).clause;
      if (other_clause && event.is_weak) return false;
      if (before > (event.is_weak ? 0 : phrase.needs_topic ? 1 : 2) && after > 2) return false;
    }
    if (firm) {
      if (sentences == 0) return d <= (rambles ? 4 : 14);
      return sentences <= 2 && a_.tokens.size() <= 60;
    }
    if (sentences == 0)
      return rambles ? d <= (event.symptoms.empty() ? 1 : 3) : d <= (event.symptoms.empty() ? 4 : 7);
    // A sentence later only in a short post that says more: for how long, others too, anger.
    const bool supported = a_.has(Group::since) || a_.has(Group::others_too) || a_.has(Group::emoji_anger) ||
                           a_.has(Group::residual);
    return sentences == 1 && supported && a_.tokens.size() <= 40;
  }
  static constexpr std::size_t longest_plain_sentence = 30;  // tokens
  // Tokens of the clause before, of the sentence after; counted no further than `few`.
  static constexpr std::size_t few = 3;
  std::size_t words_before(std::size_t at) const {
    std::size_t n = 0;
    while (n < few && at > n && token(at - n - 1).clause == token(at).clause) ++n;
    return n;
  }
  std::size_t words_after(std::size_t at) const {
    std::size_t n = 0;
    while (n < few && at + n < a_.tokens.size() && token(at + n).sentence == token(at - 1).sentence) ++n;
    return n;
  }
  // Tokens of the sentence, counted as far as it takes to call it long.
  std::size_t sentence_length(std::size_t at) const {
    const std::uint16_t sentence = token(at).sentence;
    std::size_t first = at, last = at;
    while (last - first < longest_plain_sentence && first > 0 && token(first - 1).sentence == sentence)
      --first;
    while (last - first < longest_plain_sentence && last + 1 < a_.tokens.size() &&
           token(last + 1).sentence == sentence)
      ++last;
    return last - first + 1;
  }

  // The nearest list of subjects: in the clause before the event, then after it; then in the sentence; then
  // in the sentences before, then after.
  void bind_in_text(Event& event) {
    const std::uint16_t clause = token(event.first).clause, sentence = token(event.first).sentence;
    int best = -1, best_cost = 1'000'000;
    for (std::size_t i = 0; i < a_.mentions.size(); ++i) {
      const Mention& m = a_.mentions[i];
      if (!is_subject(m)) continue;
      const Token& at = token(m.first);
      const bool before = m.last <= event.first;
      if (!within_reach(event, m)) continue;
      const int d = before ? event.first - m.last : m.first >= event.last ? m.first - event.last : 0;
      int cost;
      if (at.clause == clause)
        cost = d + (before ? 0 : 3);
      else if (at.sentence == sentence)
        cost = 1'000 + d + (before ? 0 : 30);
      else
        cost = 10'000 + d + (at.sentence < sentence ? 0 : 300);
      // A handle addresses somebody; a name in the text is what is spoken of.
      if (m.in_handle) cost += 500;
      if (m.in_tag && at.clause != clause) cost += 200;
      if (cost < best_cost) best = static_cast<int>(i), best_cost = cost;
    }
    if (best < 0) return;
    if (best_cost >= 10'000) {
      if (const int speaker = failing_speaker(event); speaker >= 0)
        best = speaker;
      else if (a_.is_article)
        best = main_subject();
    }
    if (best < 0) return;
    if (event.is_weak && best_cost >= 20'000) return;
    const std::uint16_t list = a_.mentions[static_cast<std::size_t>(best)].list;
    for (std::size_t i = 0; i < a_.mentions.size(); ++i)
      if (a_.mentions[i].list == list && is_subject(a_.mentions[i]))
        event.bound.push_back(static_cast<std::uint16_t>(i));
  }
  // "Setu stopped working. Later Setu tweeted that the server is fine": one that speaks, in this sentence,
  // and was a subject before means itself. One that only ever speaks has spoken of others.
  int failing_speaker(const Event& event) const {
    for (const Mention& speaker : a_.mentions) {
      if (speaker.role != Role::speaker || token(speaker.first).sentence != token(event.first).sentence)
        continue;
      for (std::size_t i = 0; i < a_.mentions.size(); ++i)
        if (a_.mentions[i].service == speaker.service && is_subject(a_.mentions[i]) &&
            a_.mentions[i].last <= speaker.first)
          return static_cast<int>(i);
    }
    return -1;
  }
  // What an article is about: the subject it names most often, the first of equals; one that it names once in
  // passing is not.
  int main_subject() const {
    int best = -1;
    long most = 1;
    for (std::size_t i = 0; i < a_.mentions.size(); ++i) {
      if (!is_subject(a_.mentions[i])) continue;
      const auto n = std::count_if(a_.mentions.begin(), a_.mentions.end(),
                                   [&](const Mention& m) { return m.service == a_.mentions[i].service; });
      if (n > most) most = n, best = static_cast<int>(i);
    }
    return best;
  }
  // "because Azure is dead": the event in the cause's own clause is the cause's.
  void bind_to_cause(Event& event) {
    for (std::size_t i = 0; i < a_.mentions.size(); ++i)
      if (a_.mentions[i].role == Role::cause && within_reach(event, a_.mentions[i]) &&
          token(a_.mentions[i].first).sentence == token(event.first).sentence)
        event.bound.push_back(static_cast<std::uint16_t>(i));
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
    bind_in_text(event);
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
