// Which services an event speaks of: what part each named service plays (subject, cause, refuge, speaker),
// which are named together, and how far words of failure reach.
#include <algorithm>
#include <cstdlib>

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

class Binder {
 public:
  Binder(const Lexicon::Tables& tables, Analysis& analysis) : t_(tables), a_(analysis) {}

  void run() {
    roles();
    lists();
    bind();
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

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool reads_as(std::size_t i, Symbol symbol) const {
    const auto readings = a_.tokens[i].readings.all;
    return std::find(readings.begin(), readings.end(), symbol) != readings.end();
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

  const Lexicon::Tables& t_;
  Analysis& a_;
};

}  // namespace

void bind_events(const Lexicon::Tables& tables, Analysis& analysis) { Binder(tables, analysis).run(); }

void bind_event(const Lexicon::Tables& tables, Analysis& analysis, Event& event) {
  Binder(tables, analysis).bind_in_text(event);
}

}  // namespace thap::nlp
