// From state phrases to events: what each says, whether a negator turns it round, whether its surroundings
// void it.
#include <algorithm>

#include "nlp/analysis.h"

namespace thap::nlp {
namespace {

class EventFinder {
 public:
  EventFinder(const Lexicon::Tables& tables, Analysis& analysis) : t_(tables), a_(analysis) {}

  void run() {
    for (std::size_t i = 0; i < a_.states.size(); ++i) {
      const PhraseHit& hit = a_.states[i];
      const Phrase& phrase = t_.phrase_list[hit.phrase];
      Event event;
      event.first = hit.first;
      event.last = hit.last;
      event.phrase = hit.phrase;
      event.status = phrase.status;
      event.in_tag = token(hit.first).has(in_tag);
      switch (phrase.group) {
        case Group::outage:
          event.is_generic = true;
          break;
        case Group::fails:
          event.is_weak = true;
          break;
        case Group::slow:
        case Group::crash:
        case Group::symptom:
          event.symptoms.add(phrase.symptom);
          break;
        case Group::works:
          event.says = Event::Says::works;
          break;
        case Group::back:
          event.says = Event::Says::back;
          break;
        case Group::not_back:
          event.is_weak = true;
          break;
        default:
          continue;
      }
      if (!phrase.has_negator && is_negated(hit)) {
        event.negated = true;
        event.says = event.says == Event::Says::fails ? Event::Says::works : Event::Says::fails;
        if (event.says == Event::Says::fails) event.is_generic = phrase.group == Group::works;
      }
      a_.events.push_back(event);
    }
    quotations();
    give_topics();
    std::erase_if(a_.events, [&](const Event& event) {
      return event.is_weak && event.symptoms.empty() && t_.phrase_list[event.phrase].needs_topic;
    });
    for (Event& event : a_.events) {
      if (event.status == Status::down && partly(event)) event.status = Status::degraded;
      event.in_question = asks(event);
      void_by_surroundings(event);
    }
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool reads_as(std::size_t i, Symbol symbol) const {
    const auto readings = a_.tokens[i].readings.all;
    return std::find(readings.begin(), readings.end(), symbol) != readings.end();
  }
  bool is_break(std::size_t i) const {
    return token(i).type == TokenType::pause || token(i).type == TokenType::stop;
  }

  template <class Phrases>
  bool covered(std::size_t i, const Phrases& hits, Group group) const {
    for (const PhraseHit& hit : hits)
      if (t_.phrase_list[hit.phrase].group == group && i >= hit.first && i < hit.last) return true;
    return false;
  }
  // A negator that belongs to another state phrase ("down, nahi chal raha") or to a look-alike ("या नहीं")
  // negates nothing here.
  bool free_negator(std::size_t i, const PhraseHit& of) const {
    if (covered(i, a_.cues, Group::negation_lookalike)) return false;
    for (const PhraseHit& hit : a_.states)
      if ((hit.first != of.first || hit.last != of.last) && i >= hit.first && i < hit.last) return false;
    return true;
  }

  // English negators stand up to three words before, Hindi and Bengali ones up to two words after; never
  // across a clause.
  bool is_negated(const PhraseHit& hit) const {
    int words = 0;
    for (std::size_t i = hit.first; i-- > 0 && words < 3;) {
      if (is_break(i)) break;
      if (token(i).type == TokenType::quote) continue;
      if (token(i).has(in_tag) != token(hit.first).has(in_tag)) break;
      if (reads_as(i, t_.negator_en) && free_negator(i, hit)) return true;
      if (!token(i).has(particle)) ++words;
    }
    words = 0;
    for (std::size_t i = hit.last; i < a_.tokens.size() && words < 2; ++i) {
      if (is_break(i)) break;
      if (token(i).type == TokenType::quote) continue;
      if ((reads_as(i, t_.negator_hi) || reads_as(i, t_.negator_bn)) && free_negator(i, hit)) return true;
      if (!token(i).has(particle)) ++words;
    }
    return false;
  }

  // 'Signing failed ESP-003', "कोई सेवा नहीं": what a screen says in quotation marks is an error text if it
  // speaks of failure; what fails inside it is the screen's word, not the writer's.
  void quotations() {
    constexpr std::size_t longest = 9;
    for (std::size_t i = 0; i < a_.tokens.size(); ++i) {
      if (token(i).type != TokenType::quote) continue;
      std::size_t end = i + 1;
      while (end < a_.tokens.size() && end - i <= longest && token(end).type != TokenType::quote) ++end;
      if (end >= a_.tokens.size() || token(end).type != TokenType::quote || end == i + 1) continue;
      if (speaks_of_failure(i + 1, end)) {
        Event event;
        event.first = static_cast<std::uint16_t>(i + 1);
        event.last = static_cast<std::uint16_t>(end);
        event.phrase = t_.quoted_phrase;
        event.symptoms.add(Symptom::error);
        const auto inside = [&](const Event& e) { return e.first >= event.first && e.last <= event.last; };
        const bool logs_out = std::any_of(a_.events.begin(), a_.events.end(), [&](const Event& e) {
          return inside(e) && e.symptoms.has(Symptom::login);
        });
        if (!logs_out) {
          std::erase_if(a_.events, inside);
          a_.events.push_back(event);
        }
      }
      i = end;
    }
  }
  bool speaks_of_failure(std::size_t from, std::size_t to) const {
    for (const Event& e : a_.events)
      if (e.says == Event::Says::fails && e.first >= from && e.last <= to) return true;
    for (std::size_t i = from; i < to; ++i)
      if (reads_as(i, t_.negator_en) || reads_as(i, t_.negator_hi) || reads_as(i, t_.negator_bn) ||
          reads_as(i, t_.failure))
        return true;
    return false;
  }

  // What fails: the topic nearest to the predicate in its clause, those before it first.
  void give_topics() {
    for (Event& event : a_.events) {
      const Group group = t_.phrase_list[event.phrase].group;
      const bool wants = event.is_generic || event.is_weak || group == Group::works || group == Group::back;
      if (!wants) continue;
      // "msg nahi jate": a habit or a past says something of the thing right beside it only.
      const int reach = t_.phrase_list[event.phrase].needs_topic ? 2 : event.is_weak ? 7 : 4;
      const PhraseHit* best = nullptr;
      int best_distance = reach + 1;
      for (const PhraseHit& hit : a_.states) {
        if (t_.phrase_list[hit.phrase].group != Group::topic) continue;
        if (token(hit.first).clause != token(event.first).clause) continue;
        const bool before = hit.last <= event.first;
        if (is_bare_absence(event) && !(before && can_be_absent(t_.phrase_list[hit.phrase].symptom)))
          continue;
        const int d = before ? event.first - hit.last : hit.first - event.last + 1;
        if (d < 0 || d >= best_distance || other_event_between(event, hit)) continue;
        best = &hit;
        best_distance = d;
      }
      if (!best) continue;
      event.symptoms.add(t_.phrase_list[best->phrase].symptom);
      // Two things that fail alike: "call aur message dono nahi ja rahe".
      for (const PhraseHit& hit : a_.states) {
        if (t_.phrase_list[hit.phrase].group != Group::topic || &hit == best) continue;
        if (token(hit.first).clause != token(event.first).clause) continue;
        const int gap = hit.last <= best->first ? best->first - hit.last : hit.first - best->last;
        if (gap >= 0 && gap <= 1 && gap == 1 && is_connector(hit.last <= best->first ? hit.last : best->last))
          event.symptoms.add(t_.phrase_list[hit.phrase].symptom);
      }
      if (event.status == Status::down && t_.phrase_list[best->phrase].status == Status::degraded)
        event.status = Status::degraded;
      const Symptom symptom = t_.phrase_list[best->phrase].symptom;
      // "order nahi aaya" is about a parcel, "order nahi ho raha" about the app.
      if (symptom == Symptom::order && (t_.phrase_list[event.phrase].needs_topic || covers_arrival(event))) {
        event.is_void = true;
        event.voided_by = Group::customer_complaint;
      }
      if (symptom == Symptom::media || symptom == Symptom::data || symptom == Symptom::notify)
        event.status = Status::degraded;
      event.is_weak = false;
      event.is_generic = false;
    }
  }
  // "tower nai", "net nei": what is missing stands before it, and is what comes over the air.
  bool is_bare_absence(const Event& event) const {
    return t_.phrase_list[event.phrase].needs_topic && event.last - event.first == 1;
  }
  static bool can_be_absent(Symptom symptom) {
    return symptom == Symptom::network || symptom == Symptom::internet || symptom == Symptom::otp ||
           symptom == Symptom::call || symptom == Symptom::stream;
  }
  bool covers_arrival(const Event& event) const {
    for (std::size_t i = event.first; i < event.last; ++i)
      if (reads_as(i, t_.arrival)) return true;
    return false;
  }
  bool is_connector(std::size_t i) const { return i < a_.tokens.size() && reads_as(i, t_.connector); }
  bool other_event_between(const Event& event, const PhraseHit& topic) const {
    const auto low = std::min<std::size_t>(topic.last, event.last),
               high = std::max<std::size_t>(topic.first, event.first);
    for (const Event& other : a_.events) {
      if (&other == &event) continue;
      if (other.first >= low && other.last <= high && other.says == event.says) return true;
    }
    return false;
  }

  bool partly(const Event& event) const {
    for (const PhraseHit& hit : a_.states)
      if (t_.phrase_list[hit.phrase].group == Group::partial &&
          token(hit.first).sentence == token(event.first).sentence)
        return true;
    return false;
  }

  bool tells_habit(const Event& event) const {
    if (!t_.phrase_list[event.phrase].has_negator) return false;
    for (std::size_t i = event.first; i < event.last; ++i)
      if (reads_as(i, t_.habitual)) return true;
    return false;
  }
  bool is_technical(const Event& event) const {
    if (event.in_tag) return true;
    for (std::size_t i = 0; i < a_.tokens.size(); ++i)
      if (token(i).clause == token(event.first).clause && reads_as(i, t_.technical)) return true;
    return false;
  }

  // Its clause ends in a question mark or holds a word that asks.
  bool asks(const Event& event) const {
    const std::uint16_t clause = token(event.first).clause;
    for (std::size_t i = event.last; i < a_.tokens.size(); ++i) {
      if (token(i).type == TokenType::stop) {
        if (token(i).has(question)) return true;
        break;
      }
      if (token(i).type == TokenType::pause) break;
    }
    for (const PhraseHit& hit : a_.cues) {
      const Group group = t_.phrase_list[hit.phrase].group;
      if (group == Group::question && token(hit.first).clause == clause) return true;
    }
    return false;
  }

  enum class Scope { clause, sentence, post };
  bool cue_in(const Event& event, Group group, Scope scope) const {
    if (!a_.has(group)) return false;
    if (scope == Scope::post && !a_.is_article) return true;
    for (const PhraseHit& hit : a_.cues) {
      if (t_.phrase_list[hit.phrase].group != group) continue;
      const Token& at = token(hit.first);
      if (scope == Scope::clause ? at.clause == token(event.first).clause
                                 : at.sentence == token(event.first).sentence)
        return true;
    }
    return false;
  }

  void void_by_surroundings(Event& event) {
    auto set = [&](Group group) {
      if (event.is_void) return;
      event.is_void = true;
      event.voided_by = group;
    };
    const bool fails = event.says == Event::Says::fails;
    if (cue_in(event, Group::metaphor, Scope::sentence)) set(Group::metaphor);
    if (cue_in(event, Group::wish, Scope::sentence)) set(Group::wish);
    if (cue_in(event, Group::hypothetical, Scope::sentence)) set(Group::hypothetical);
    if (cue_in(event, Group::advice, Scope::post) && !cue_in(event, Group::now, Scope::sentence) &&
        !cue_in(event, Group::since, Scope::sentence))
      set(Group::advice);
    if (!fails) return;
    if (cue_in(event, Group::simile, Scope::clause)) set(Group::simile);
    if (cue_in(event, Group::deny, Scope::sentence)) set(Group::deny);
    if (cue_in(event, Group::deactivated, Scope::clause)) set(Group::deactivated);
    if (cue_in(event, Group::planned, Scope::post)) set(Group::planned);
    if (cue_in(event, Group::government, Scope::post)) set(Group::government);
    if (cue_in(event, Group::company_news, Scope::sentence)) set(Group::company_news);
    const bool present =
        cue_in(event, Group::now, Scope::clause) || cue_in(event, Group::since, Scope::clause);
    if (cue_in(event, Group::retrospective, Scope::sentence) ||
        (cue_in(event, Group::retrospective, Scope::post) && !present))
      set(Group::retrospective);
    // An article tells in the past tense what happened today.
    if (cue_in(event, Group::past_marker, Scope::clause) && !present && !event.in_tag && !a_.is_article)
      set(Group::past_marker);
    const bool ruled_out = cue_in(event, Group::own_ruled_out, Scope::post);
    // "or is it only my account?" asserts nothing.
    const bool asks_others = a_.has(Group::others_too) && event.in_question;
    if (cue_in(event, Group::own_trouble, Scope::sentence) && !ruled_out && !asks_others)
      set(Group::own_trouble);
    // Trouble with people and parcels; what is said of app, site or server in the same clause still counts.
    if (cue_in(event, Group::customer_complaint, Scope::post) && !is_technical(event))
      set(Group::customer_complaint);
    const Group group = t_.phrase_list[event.phrase].group;
    if ((group == Group::fails || event.symptoms.has(Symptom::order)) &&
        cue_in(event, Group::marketing, Scope::sentence))
      set(Group::marketing);
    // "hoy na", "chole na" tell a habit as well as a failure: they need a sign that something happens now.
    const bool supported = present || a_.has(Group::now) || a_.has(Group::since) ||
                           a_.has(Group::others_too) || a_.has(Group::residual) ||
                           a_.has(Group::emoji_anger) || a_.has(Group::own_ruled_out) || !a_.places.empty() ||
                           std::any_of(a_.mentions.begin(), a_.mentions.end(),
                                       [](const Mention& m) { return m.in_tag || m.in_handle; });
    if (!supported && (group == Group::fails || group == Group::outage || group == Group::symptom) &&
        tells_habit(event))
      set(Group::chronic);
    // Advice sought and given among people: "vai, apnar id den, amar ta hoy na".
    const bool reports = a_.has(Group::since) || event.in_tag ||
                         std::any_of(a_.mentions.begin(), a_.mentions.end(),
                                     [](const Mention& m) { return m.in_tag || m.in_handle; });
    if (cue_in(event, Group::conversation, Scope::post) && !reports) set(Group::conversation);
    if (cue_in(event, Group::article_tail, Scope::sentence)) set(Group::article_tail);
  }

  const Lexicon::Tables& t_;
  Analysis& a_;
};

}  // namespace

void find_events(const Lexicon::Tables& tables, std::string_view, Analysis& analysis) {
  EventFinder(tables, analysis).run();
}

}  // namespace thap::nlp
