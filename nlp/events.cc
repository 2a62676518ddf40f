// From state phrases to events: what each says, whether a negator turns it round, whether its surroundings
// void it.
#include <algorithm>
#include <numeric>

#include "nlp/analysis.h"

namespace thap::nlp {
namespace {

class EventFinder {
 public:
  EventFinder(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis)
      : t_(tables), text_(text), a_(analysis) {
    drop_false_cues();
    survey();
  }

  void run() {
    for (std::size_t i = 0; i < a_.states.size(); ++i) {
      const PhraseHit& hit = a_.states[i];
      const Phrase& phrase = t_.phrase_list[hit.phrase];
      Event event;
      event.first = event.from = hit.first;
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
      if (i > 0 && denies_the_one_before(i)) continue;
      if (!phrase.has_negator &&
          (is_negated(hit) || (i + 1 < a_.states.size() && denies_the_one_before(i + 1)))) {
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
    name_actions();
    drop_consequences();
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool reads_as(std::size_t i, Symbol symbol) const {
    const auto readings = a_.tokens[i].readings.all();
    return std::find(readings.begin(), readings.end(), symbol) != readings.end();
  }
  bool is_break(std::size_t i) const {
    return token(i).type == TokenType::pause || token(i).type == TokenType::stop;
  }

  Group group_of(const PhraseHit& hit) const { return t_.phrase_list[hit.phrase].group; }

  // Cues that are part of a name (সেবার in পাসপোর্ট সেবার), a contraction ("we're" folds to "were") or part of
  // a longer expression that means something else ("has had", "asking if").
  void drop_false_cues() {
    if (a_.cues.empty()) return;
    constexpr std::uint16_t none = 0xFFFF;
    std::vector<std::uint16_t> name_at(a_.tokens.size(), none);
    for (std::size_t m = 0; m < a_.mentions.size(); ++m)
      if (!a_.mentions[m].in_tag && !a_.mentions[m].in_handle)
        std::fill(name_at.begin() + a_.mentions[m].first, name_at.begin() + a_.mentions[m].last,
                  static_cast<std::uint16_t>(m));
    std::vector<bool> masked(a_.tokens.size());
    for (const PhraseHit& hit : a_.hits)
      if (group_of(hit) == Group::mask) std::fill_n(masked.begin() + hit.first, hit.last - hit.first, true);
    const auto is_false = [&](const PhraseHit& hit) {
      const Group group = group_of(hit);
      // "sites such as Paytm"
      if (a_.is_article && group == Group::simile && hit.first > 0 && name_at[hit.first - 1u] != none)
        return true;
      const bool told = group == Group::past_marker || group == Group::hypothetical;
      if (told && (masked[hit.first] || is_contraction(hit))) return true;
      const std::uint16_t inside = name_at[hit.first];
      // "HDFC Life server": that life has no server.
      if (group == Group::metaphor && inside != none) return true;
      return inside != none && name_at[hit.last - 1u] == inside &&
             t_.phrase_list[hit.phrase].text.find("{service}") == std::string::npos;
    };
    if (std::erase_if(a_.cues, is_false) == 0) return;
    for (const PhraseHit& hit : a_.hits)
      if (!is_state(group_of(hit))) a_.groups &= ~Analysis::bit(group_of(hit));
    for (const PhraseHit& hit : a_.cues) a_.groups |= Analysis::bit(group_of(hit));
  }
  // The fold drops apostrophes: "we're" is no "were".
  bool is_contraction(const PhraseHit& hit) const {
    const Token& word = token(hit.first);
    return hit.last == hit.first + 1 &&
           text_.substr(word.begin, word.end - word.begin).find_first_of("'\xE2") != std::string_view::npos;
  }

  // What the questions below would otherwise look up in all cues and states for each event.
  void survey() {
    const std::size_t clauses = a_.tokens.empty() ? 0 : a_.tokens.back().token.clause + std::size_t{1};
    const std::size_t sentences = a_.tokens.empty() ? 0 : a_.tokens.back().token.sentence + std::size_t{1};
    a_.clause_groups.assign(clauses, 0);
    a_.sentence_groups.assign(sentences, 0);
    for (const auto* hits : {&a_.states, &a_.cues})
      for (const PhraseHit& hit : *hits) {
        a_.clause_groups[token(hit.first).clause] |= Analysis::bit(group_of(hit));
        a_.sentence_groups[token(hit.first).sentence] |= Analysis::bit(group_of(hit));
      }
    // No state overlaps another; a token that two look-alikes cover is marked twice.
    a_.taken.assign(a_.tokens.size(), 0);
    for (const PhraseHit& hit : a_.states) std::fill_n(a_.taken.begin() + hit.first, hit.last - hit.first, 1);
    if (a_.has(Group::negation_lookalike))
      for (const PhraseHit& hit : a_.cues)
        if (group_of(hit) == Group::negation_lookalike)
          std::fill_n(a_.taken.begin() + hit.first, hit.last - hit.first, 1);
    asides_.assign(a_.tokens.size() + 1, 0);
    for (const PhraseHit& hit : a_.cues)
      if (group_of(hit) == Group::since || group_of(hit) == Group::now)
        std::fill(asides_.begin() + hit.first + 1, asides_.begin() + hit.last + 1, 1);
    for (const PlaceMention& place : a_.places)
      std::fill(asides_.begin() + place.first + 1, asides_.begin() + place.last + 1, 1);
    std::partial_sum(asides_.begin(), asides_.end(), asides_.begin());
    delivers_ = std::any_of(a_.mentions.begin(), a_.mentions.end(), [&](const Mention& m) {
      const std::string& klass = t_.services[m.service].klass;
      return klass == "food" || klass == "commerce" || klass == "travel" || klass == "insurance" ||
             klass == "courier";
    });
    is_addressed_ = std::any_of(a_.mentions.begin(), a_.mentions.end(),
                                [](const Mention& m) { return m.in_tag || m.in_handle; });
  }

  // A negator that belongs to another state phrase ("down, nahi chal raha") or to a look-alike ("या नहीं")
  // negates nothing here.
  bool is_free(std::size_t i) const { return a_.taken[i] == 0; }

  // "down nahi hai": what elsewhere says that something is not there stands right behind a failure and denies
  // it.
  bool denies_the_one_before(std::size_t state) const {
    const PhraseHit &hit = a_.states[state], &before = a_.states[state - 1];
    const Phrase& phrase = t_.phrase_list[before.phrase];
    return t_.phrase_list[hit.phrase].needs_topic && hit.first == before.last && !phrase.has_negator &&
           (phrase.group == Group::outage || phrase.group == Group::crash || phrase.group == Group::slow) &&
           (reads_as(hit.first, t_.negator_hi) || reads_as(hit.first, t_.negator_bn)) && !is_break(hit.first);
  }

  // English negators stand up to three words before, Hindi and Bengali ones up to two words after; never
  // across a clause.
  bool is_negated(const PhraseHit& hit) const {
    int words = 0;
    for (std::size_t i = hit.first; i-- > 0 && words < 3;) {
      if (is_break(i)) break;
      if (token(i).type == TokenType::quote) continue;
      if (token(i).has(in_tag) != token(hit.first).has(in_tag)) break;
      if (reads_as(i, t_.negator_en) && is_free(i)) return true;
      if (!token(i).has(particle)) ++words;
    }
    words = 0;
    for (std::size_t i = hit.last; i < a_.tokens.size() && words < 2; ++i) {
      if (is_break(i)) break;
      if (token(i).type == TokenType::quote) continue;
      if ((reads_as(i, t_.negator_hi) || reads_as(i, t_.negator_bn)) && is_free(i)) return true;
      if (!token(i).has(particle)) ++words;
    }
    return false;
  }

  // 'Signing failed ESP-003', "कोई सेवा नहीं", 'invalid id' dekhacche: what a screen says in quotation marks is
  // an error text if it speaks of failure or is said to be shown; what fails inside it is the screen's word,
  // not the writer's (an article quotes people, too: there it must be shown). 'Session expired', 'no service'
  // name what is gone, and that is the complaint; 'processing' tells how far the screen says it is.
  void quotations() {
    constexpr std::size_t longest = 9;
    if (std::none_of(a_.tokens.begin(), a_.tokens.end(),
                     [](const ReadToken& t) { return t.token.type == TokenType::quote; }))
      return;
    std::vector<Event> out;
    auto next = a_.events.begin();
    const auto keep_before = [&](std::size_t at) {
      for (; next != a_.events.end() && next->first < at; ++next) out.push_back(*next);
    };
    for (std::size_t i = 0; i < a_.tokens.size(); ++i) {
      if (token(i).type != TokenType::quote) continue;
      std::size_t end = i + 1;
      while (end < a_.tokens.size() && end - i <= longest && token(end).type != TokenType::quote) ++end;
      if (end >= a_.tokens.size() || token(end).type != TokenType::quote || end == i + 1) continue;
      keep_before(i + 1);
      const auto after = std::find_if(next, a_.events.end(), [&](const Event& e) { return e.last > end; });
      const std::span<const Event> inside(next, after);
      const bool names_it = std::any_of(inside.begin(), inside.end(), [](const Event& e) {
        return e.symptoms.has(Symptom::login) || e.symptoms.has(Symptom::network);
      });
      if (!names_it && !tells_progress(i + 1, end) &&
          (is_shown(i, end) || (!a_.is_article && speaks_of_failure(inside, i + 1, end)))) {
        Event event;
        event.first = static_cast<std::uint16_t>(i + 1);
        event.last = static_cast<std::uint16_t>(end);
        event.phrase = t_.quoted_phrase;
        event.symptoms.add(Symptom::error);
        out.push_back(event);
        next = after;
      }
      i = end;
    }
    keep_before(a_.tokens.size());
    a_.events = std::move(out);
  }
  bool tells_progress(std::size_t from, std::size_t to) const {
    if (to - from > 3) return false;
    for (std::size_t i = from; i < to; ++i)
      if (reads_as(i, t_.in_progress)) return true;
    return false;
  }
  bool is_shown(std::size_t open, std::size_t close) const {
    for (std::size_t i = close + 1; i < std::min(close + 4, a_.tokens.size()) && !is_break(i); ++i)
      if (reads_as(i, t_.shown)) return true;
    for (std::size_t i = open; i > 0 && open - i < 2; --i)
      if (reads_as(i - 1, t_.shown)) return true;
    return false;
  }
  bool speaks_of_failure(std::span<const Event> inside, std::size_t from, std::size_t to) const {
    if (std::any_of(inside.begin(), inside.end(),
                    [](const Event& e) { return e.says == Event::Says::fails; }))
      return true;
    for (std::size_t i = from; i < to; ++i)
      if (reads_as(i, t_.negator_en) || reads_as(i, t_.negator_hi) || reads_as(i, t_.negator_bn) ||
          reads_as(i, t_.failure))
        return true;
    return false;
  }

  // The topic nearest to an event in its clause, within reach and with no other event of its kind between; of
  // two as near the one before it.
  const PhraseHit* topic_of(std::size_t index, int reach) const {
    const Event& event = a_.events[index];
    const auto& states = a_.states;
    const std::uint16_t clause = token(event.first).clause;
    const auto own = std::partition_point(states.begin(), states.end(),
                                          [&](const PhraseHit& hit) { return hit.first < event.first; });
    const PhraseHit* best = nullptr;
    int best_distance = reach + 1;
    for (auto hit = own; hit != states.begin();) {
      --hit;
      ++a_.looks;
      const int d = words_between(hit->last, event.first);
      if (d >= best_distance || token(hit->first).clause != clause) break;
      if (group_of(*hit) != Group::topic) continue;
      if (is_bare_absence(event) && !can_be_absent(t_.phrase_list[hit->phrase].symptom)) continue;
      if (other_event_between(index, hit->last, event.first)) continue;
      best = &*hit;
      best_distance = d;
      break;
    }
    if (is_bare_absence(event)) return best;  // what is missing stands before it
    for (auto hit = own; hit != states.end(); ++hit) {
      ++a_.looks;
      const int d = hit->first - event.last + 1;
      if (d >= best_distance || token(hit->first).clause != clause) break;
      if (group_of(*hit) != Group::topic || d < 0) continue;
      if (other_event_between(index, event.last, hit->first)) continue;
      return &*hit;
    }
    return best;
  }

  // "broadband kal sondhe theke nei": when and where it is so does not part a thing from its verb.
  int words_between(std::size_t from, std::size_t to) const {
    const int d = static_cast<int>(to) - static_cast<int>(from);
    return d <= 0 ? d : d - static_cast<int>(asides_[to] - asides_[from]);
  }

  // What fails: the topic nearest to the predicate in its clause, those before it first.
  void give_topics() {
    for (std::size_t i = 0; i < a_.events.size(); ++i) {
      Event& event = a_.events[i];
      const Group group = t_.phrase_list[event.phrase].group;
      const bool wants = event.is_generic || event.is_weak || group == Group::works || group == Group::back;
      if (!wants) continue;
      // "msg nahi jate": a habit or a past says something of the thing right beside it only.
      const int reach = t_.phrase_list[event.phrase].needs_topic ? 2 : event.is_weak ? 7 : 4;
      const PhraseHit* best = topic_of(i, reach);
      if (!best) continue;
      event.symptoms.add(t_.phrase_list[best->phrase].symptom);
      event.from = std::min(event.from, best->first);
      add_topics_beside(*best, event);
      if (event.status == Status::down && t_.phrase_list[best->phrase].status == Status::degraded)
        event.status = Status::degraded;
      const Symptom symptom = t_.phrase_list[best->phrase].symptom;
      // "order nahi aaya", "order nei" are about a parcel, "order nahi hota" about the app.
      if (symptom == Symptom::order && (is_bare_absence(event) || covers_arrival(event))) {
        event.is_void = true;
        event.voided_by = Group::customer_complaint;
      }
      if (symptom == Symptom::media || symptom == Symptom::data || symptom == Symptom::notify)
        event.status = Status::degraded;
      event.is_weak = false;
      event.is_generic = false;
    }
  }
  // Two things that fail alike: "call aur message dono nahi ja rahe".
  void add_topics_beside(const PhraseHit& topic, Event& event) const {
    const auto add_if_joined = [&](const PhraseHit& hit, std::size_t between) {
      if (group_of(hit) == Group::topic && is_connector(between) &&
          token(hit.first).clause == token(event.first).clause)
        event.symptoms.add(t_.phrase_list[hit.phrase].symptom);
    };
    const auto at = a_.states.begin() + (&topic - a_.states.data());
    for (auto hit = at; hit != a_.states.begin() && topic.first - hit[-1].last <= 1; --hit)
      if (topic.first - hit[-1].last == 1) add_if_joined(hit[-1], hit[-1].last);
    for (auto hit = at + 1; hit != a_.states.end() && hit->first - topic.last <= 1; ++hit)
      if (hit->first - topic.last == 1) add_if_joined(*hit, topic.last);
  }
  // "tower nai", "net nei": what is missing stands before it, and is what comes over the air.
  bool is_bare_absence(const Event& event) const {
    return t_.phrase_list[event.phrase].needs_topic && event.last - event.first == 1;
  }
  static bool can_be_absent(Symptom symptom) {
    return symptom == Symptom::network || symptom == Symptom::internet || symptom == Symptom::otp ||
           symptom == Symptom::call || symptom == Symptom::stream || symptom == Symptom::login;
  }
  bool covers_arrival(const Event& event) const {
    for (std::size_t i = event.first; i < event.last; ++i)
      if (reads_as(i, t_.arrival)) return true;
    return false;
  }
  bool is_connector(std::size_t i) const { return i < a_.tokens.size() && reads_as(i, t_.connector); }
  // Whether an event that says the same stands whole in tokens `low` to `high`, on one side of the event.
  bool other_event_between(std::size_t index, std::size_t low, std::size_t high) const {
    const auto& events = a_.events;
    const auto says_the_same = [&](std::size_t i) {
      ++a_.looks;
      return events[i].first >= low && events[i].last <= high && events[i].says == events[index].says;
    };
    for (std::size_t i = index; i > 0 && events[i - 1].first >= low; --i)
      if (says_the_same(i - 1)) return true;
    for (std::size_t i = index + 1; i < events.size() && events[i].first < high; ++i)
      if (says_the_same(i)) return true;
    return false;
  }

  // "order lagate hi 'kuch galat hua'", "টাকা পাঠাতে গেলেই এরর": what was tried when the error came has
  // failed, too. Pages and forms are only where it happened.
  void name_actions() {
    if (!a_.has(Group::attempt)) return;
    std::vector<SymptomSet> tried(a_.sentence_groups.size());
    auto cue = a_.cues.begin();
    for (const PhraseHit& hit : a_.states) {
      if (group_of(hit) != Group::topic || !can_be_tried(t_.phrase_list[hit.phrase].symptom)) continue;
      while (cue != a_.cues.end() && cue->first + longest_attempt < hit.first) ++cue;
      for (auto at = cue; at != a_.cues.end() && at->first <= hit.last + 1; ++at, ++a_.looks)
        if (group_of(*at) == Group::attempt && at->last + 2 >= hit.first)
          tried[token(hit.first).sentence].add(t_.phrase_list[hit.phrase].symptom);
    }
    for (Event& event : a_.events)
      if (!event.is_void && event.says == Event::Says::fails && event.symptoms.has(Symptom::error))
        event.symptoms.add(tried[token(event.first).sentence]);
  }
  static constexpr std::size_t longest_attempt = 8;  // tokens, with the two that may stand between
  static bool can_be_tried(Symptom symptom) {
    return symptom == Symptom::login || symptom == Symptom::payment || symptom == Symptom::order ||
           symptom == Symptom::message || symptom == Symptom::media || symptom == Symptom::call;
  }

  // "jab se insta gira hai log park me dikhne lage": what works after "that is why" is life, not the service,
  // unless a service is named again.
  void drop_consequences() {
    if (!a_.has(Group::consequence)) return;
    std::vector<std::size_t> first_failure(a_.sentence_groups.size(), a_.tokens.size());
    for (const Event& event : a_.events)
      if (!event.is_void && event.says == Event::Says::fails) {
        std::size_t& first = first_failure[token(event.first).sentence];
        first = std::min<std::size_t>(first, event.first);
      }
    auto cue = a_.cues.begin();
    const PhraseHit* last = nullptr;
    for (Event& event : a_.events) {
      for (; cue != a_.cues.end() && cue->last <= event.first; ++cue)
        if (group_of(*cue) == Group::consequence) last = &*cue;
      if (!last || event.is_void || event.says == Event::Says::fails) continue;
      const auto named = std::partition_point(a_.mentions.begin(), a_.mentions.end(),
                                              [&](const Mention& m) { return m.first < last->last + 2; });
      const bool named_again = named != a_.mentions.end() && named->first <= event.last + 2;
      if (first_failure[token(last->first).sentence] < event.first && !named_again)
        event.is_void = true, event.voided_by = Group::consequence;
    }
  }

  bool partly(const Event& event) const { return stands_in_sentence(event, Group::partial); }

  bool tells_habit(const Event& event) const {
    if (!t_.phrase_list[event.phrase].has_negator) return false;
    for (std::size_t i = event.first; i < event.last; ++i)
      if (reads_as(i, t_.habitual)) return true;
    return false;
  }
  // "sbi r otp ashe na": service, thing and verb in one short clause at the beginning leave no room for talk.
  bool says_what_and_whose(const Event& event) const {
    if (event.symptoms.empty() || event.first > 8 || a_.tokens.size() > 30 || a_.has(Group::conversation))
      return false;
    return std::any_of(a_.mentions.begin(), a_.mentions.end(), [&](const Mention& m) {
      return m.first <= 1 && token(m.first).clause == token(event.first).clause && m.last <= event.first;
    });
  }
  bool is_technical(const Event& event) {
    if (event.in_tag) return true;
    if (technical_clauses_.empty()) {
      technical_clauses_.resize(a_.clause_groups.size());
      for (std::size_t i = 0; i < a_.tokens.size(); ++i)
        if (reads_as(i, t_.technical)) technical_clauses_[token(i).clause] = true;
    }
    return technical_clauses_[token(event.first).clause];
  }

  // Its clause ends in a question mark or holds a word that asks.
  bool asks(const Event& event) {
    const std::size_t end = next_break(event.last);
    if (end < a_.tokens.size() && token(end).has(question)) return true;
    return stands_in_clause(event, Group::question);
  }
  // The first break at or after a token. Events stand in order, so that the last answer often is the next.
  std::size_t next_break(std::size_t from) {
    if (from >= break_from_ && from <= break_) return break_;
    break_from_ = break_ = from;
    while (break_ < a_.tokens.size() && !is_break(break_)) ++break_;
    return break_;
  }

  bool stands_in_clause(const Event& event, Group group) const {
    return a_.clause_groups[token(event.first).clause] & Analysis::bit(group);
  }
  bool stands_in_sentence(const Event& event, Group group) const {
    return a_.sentence_groups[token(event.first).sentence] & Analysis::bit(group);
  }
  enum class Scope { clause, sentence, post };
  bool cue_in(const Event& event, Group group, Scope scope) const {
    if (scope == Scope::post && !a_.is_article) return a_.has(group);
    return scope == Scope::clause ? stands_in_clause(event, group) : stands_in_sentence(event, group);
  }

  // "still shows last week's status": the cue is part of what fails, and stands nowhere else.
  bool looks_back_itself(const Event& event) {
    if (!looks_back_) {
      looks_back_.emplace(UINT16_MAX, 0);
      for (const PhraseHit& hit : a_.cues)
        if (group_of(hit) == Group::retrospective)
          looks_back_ = {std::min(looks_back_->first, hit.first), std::max(looks_back_->second, hit.last)};
    }
    return event.first <= looks_back_->first && looks_back_->second <= event.last;
  }

  // "Last year it failed. That time it was back after six hours."
  bool tells_of_back_then(const Event& event) const {
    const std::uint16_t sentence = token(event.first).sentence;
    if (sentence == 0 || stands_in_sentence(event, Group::now)) return false;
    if (!(a_.sentence_groups[sentence - 1u] & Analysis::bit(Group::retrospective))) return false;
    const auto first = std::partition_point(a_.tokens.begin(), a_.tokens.end(),
                                            [&](const ReadToken& t) { return t.token.sentence < sentence; });
    return reads_as(static_cast<std::size_t>(first - a_.tokens.begin()), t_.back_then);
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
    if (event.says == Event::Says::back &&
        (a_.is_article ? tells_of_back_then(event) : failed_another_day_ && !event.in_question))
      set(Group::retrospective);
    if (!fails) return;
    if (cue_in(event, Group::simile, Scope::clause)) set(Group::simile);
    // "is it down? no, a rumour": of what is only asked, an answer may come in the next sentence.
    if (cue_in(event, Group::deny, event.in_question ? Scope::post : Scope::sentence)) set(Group::deny);
    if (cue_in(event, Group::deactivated, Scope::clause)) set(Group::deactivated);
    if (cue_in(event, Group::planned, Scope::post)) set(Group::planned);
    if (cue_in(event, Group::government, Scope::post)) set(Group::government);
    if (cue_in(event, Group::company_news, Scope::sentence)) set(Group::company_news);
    const bool present =
        cue_in(event, Group::now, Scope::clause) || cue_in(event, Group::since, Scope::clause);
    if ((cue_in(event, Group::retrospective, Scope::sentence) ||
         (cue_in(event, Group::retrospective, Scope::post) && !present)) &&
        !looks_back_itself(event)) {
      set(Group::retrospective);
      failed_another_day_ = true;  // "last night it was gone, today all is well": what is back was then
    }
    // An article tells in the past tense what happened today.
    if (cue_in(event, Group::past_marker, Scope::clause) && !present && !event.in_tag && !a_.is_article)
      set(Group::past_marker);
    const bool ruled_out = cue_in(event, Group::own_ruled_out, Scope::post);
    // "or is it only my account?" asserts nothing.
    const bool asks_others = a_.has(Group::others_too) && event.in_question;
    if (cue_in(event, Group::own_trouble, Scope::sentence) && !ruled_out && !asks_others)
      set(Group::own_trouble);
    // Trouble with people and parcels; what is said of app, site or server in the same clause still counts.
    // A line that is dead since morning is dead, whatever the helpline says.
    const bool lasts = !delivers_ && (cue_in(event, Group::since, Scope::sentence) ||
                                      cue_in(event, Group::now, Scope::clause));
    if (cue_in(event, Group::customer_complaint, Scope::post) && !lasts && !is_technical(event))
      set(Group::customer_complaint);
    const Group group = t_.phrase_list[event.phrase].group;
    if ((group == Group::fails || event.symptoms.has(Symptom::order)) &&
        cue_in(event, Group::marketing, Scope::sentence))
      set(Group::marketing);
    // "hoy na", "chole na" tell a habit as well as a failure: they need a sign that something happens now.
    const bool supported = present || a_.has(Group::now) || a_.has(Group::since) ||
                           a_.has(Group::others_too) || a_.has(Group::residual) ||
                           a_.has(Group::emoji_anger) || a_.has(Group::own_ruled_out) || !a_.places.empty() ||
                           is_addressed_;
    if (!supported && !says_what_and_whose(event) &&
        (group == Group::fails || group == Group::outage || group == Group::symptom) && tells_habit(event))
      set(Group::chronic);
    // Advice sought and given among people: "vai, apnar id den, amar ta hoy na".
    const bool reports = a_.has(Group::since) || event.in_tag || is_addressed_;
    if (cue_in(event, Group::conversation, Scope::post) && !reports) set(Group::conversation);
    if (cue_in(event, Group::article_tail, Scope::sentence)) set(Group::article_tail);
  }

  const Lexicon::Tables& t_;
  const std::string_view text_;
  Analysis& a_;
  std::vector<std::uint32_t> asides_;  // tokens before each that tell when or where
  bool delivers_{
      false};  // a service is named that brings something: its customers wait for people and parcels
  std::optional<std::pair<std::uint16_t, std::uint16_t>> looks_back_;  // from its first to its last cue
  bool failed_another_day_{false};                                     // of the events before
  bool is_addressed_{false};  // a service is named by handle or in a tag
  std::vector<bool> technical_clauses_;
  std::size_t break_from_{1}, break_{0};
};

}  // namespace

void find_events(const Lexicon::Tables& tables, std::string_view text, Analysis& analysis) {
  EventFinder(tables, text, analysis).run();
}

}  // namespace thap::nlp
