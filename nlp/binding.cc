// Which services an event speaks of: what part each named service plays (subject, cause, refuge, speaker),
// which are named together, and how far words of failure reach.
#include <algorithm>
#include <cstdlib>
#include <optional>

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
    collect();
    if (a_.is_article && speaks_of_all(event)) bind_to_failing(event);
    if (event.bond != 0) return;
    Candidate best;
    for (const auto* subjects : {&plain_, &handles_, &tags_}) offer_nearest(*subjects, event, best);
    if (best.mention < 0 && (event.says == Event::Says::back || group_of(event) == Group::outage))
      best = lone_speaker();
    if (best.mention < 0) return;
    if (best.cost >= 10'000) {
      if (const int speaker = failing_speaker(event); speaker >= 0)
        best.mention = speaker;
      else if (a_.is_article)
        best.mention = main_subject();
    }
    if (best.mention < 0) return;
    if (event.is_weak && best.cost >= 20'000) return;
    bind_to_list(event, static_cast<std::size_t>(best.mention));
  }

 private:
  const Token& token(std::size_t i) const { return a_.tokens[i].token; }
  bool reads_as(std::size_t i, Symbol symbol) const {
    const auto readings = a_.tokens[i].readings.all();
    return std::find(readings.begin(), readings.end(), symbol) != readings.end();
  }

  // ---- Which mentions can be the subject of trouble

  bool overlaps(const PhraseHit& hit, const Mention& m) const {
    return hit.first < m.last && hit.last > m.first;
  }
  Group group_of(const Event& event) const { return t_.phrase_list[event.phrase].group; }
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
      if (gives_role(group)) give_role(hit, group);
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
  static bool gives_role(Group group) {
    switch (group) {
      case Group::blame_before:
      case Group::blame_after:
      case Group::guess:
      case Group::refuge:
      case Group::rival:
      case Group::speaker:
      case Group::owner:
      case Group::imperative_use:
        return true;
      default:
        return false;
    }
  }
  static constexpr int longest_reach = 3;  // of a cue to a mention beside it, in tokens
  void give_role(const PhraseHit& hit, Group group) {
    auto m = std::partition_point(a_.mentions.begin(), a_.mentions.end(),
                                  [&](const Mention& x) { return x.last + longest_reach < hit.first; });
    for (; m != a_.mentions.end() && m->first <= hit.last + longest_reach; ++m) {
      ++a_.looks;
      switch (group) {
        case Group::blame_before:  // X ki wajah se
          if (overlaps(hit, *m) || (hit.first >= m->last && beside(hit, *m, 2) && nearest_before(hit, m)))
            m->role = Role::cause;
          break;
        case Group::blame_after:  // because of X
          if (overlaps(hit, *m) || (hit.last <= m->first && beside(hit, *m, 3) && nearest_after(hit, m)))
            m->role = Role::cause;
          break;
        case Group::guess:
          if (overlaps(hit, *m)) m->role = Role::guess;
          break;
        case Group::refuge:
          if (beside(hit, *m, 2)) m->role = Role::refuge;
          break;
        case Group::rival:
          if (overlaps(hit, *m)) m->role = Role::refuge;
          break;
        case Group::speaker:
          if (overlaps(hit, *m)) m->role = Role::speaker;
          break;
        case Group::owner:
          if (overlaps(hit, *m)) m->role = Role::owner;
          break;
        case Group::imperative_use:
          if (overlaps(hit, *m)) m->role = Role::verb;
          break;
        default:
          break;
      }
    }
  }
  // Mentions stand in order and do not overlap, so that only the next one can stand between.
  using MentionAt = std::vector<Mention>::iterator;
  bool nearest_before(const PhraseHit& hit, MentionAt m) const {
    return m + 1 == a_.mentions.end() || m[1].last > hit.first;
  }
  bool nearest_after(const PhraseHit& hit, MentionAt m) const {
    return m == a_.mentions.begin() || m[-1].first < hit.last;
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
    for (Event& event : a_.events) {
      if (event.in_tag) bind_in_tag(event);
      if (event.bond == 0) bind_in_text(event);
      if (event.bond == 0 && !event.in_tag) bind_to_cause(event);
      if (a_.is_article) note_failing(event);
    }
  }
  // #FacebookDown says it of Facebook alone.
  void bind_in_tag(Event& event) {
    const TokenRange tag = tag_around(a_, event.first, event.last);
    if (tag == tag_) {
      event.bond = bond_of_tag_;
      return;
    }
    const auto from = std::partition_point(a_.mentions.begin(), a_.mentions.end(),
                                           [&](const Mention& m) { return m.first < tag.first; });
    const auto to =
        std::partition_point(from, a_.mentions.end(), [&](const Mention& m) { return m.last <= tag.last; });
    bind_to_range(event, static_cast<std::size_t>(from - a_.mentions.begin()),
                  static_cast<std::size_t>(to - a_.mentions.begin()));
    tag_ = tag;
    bond_of_tag_ = event.bond;
  }
  void bind_to_list(Event& event, std::size_t mention) {
    const auto same_list = [&](std::size_t i) { return a_.mentions[i].list == a_.mentions[mention].list; };
    bond_of_list_.resize(a_.mentions.back().list + std::size_t{1});
    std::uint16_t& bond = bond_of_list_[a_.mentions[mention].list];
    if (bond == 0) {
      std::size_t first = mention, last = mention + 1;
      while (first > 0 && same_list(first - 1)) --first;
      while (last < a_.mentions.size() && same_list(last)) ++last;
      bind_to_range(event, first, last);
      bond = event.bond;
    }
    event.bond = bond;
  }
  // Those of one list or tag stand side by side. All of a list play the same part.
  void bind_to_range(Event& event, std::size_t first, std::size_t last) {
    const auto before = static_cast<std::uint32_t>(a_.bound_mentions.size());
    for (std::size_t i = first; i < last; ++i) a_.bound_mentions.push_back(static_cast<std::uint16_t>(i));
    close_bond(event, before);
  }
  void close_bond(Event& event, std::uint32_t first) {
    const auto last = static_cast<std::uint32_t>(a_.bound_mentions.size());
    if (first == last) return;
    event.bond = static_cast<std::uint16_t>(a_.bonds.size());
    a_.bonds.push_back({first, last});
  }

  // ---- The nearest subject

  struct Candidate {
    int mention{-1}, cost{1'000'000};
  };
  // Of each kind the nearest within reach on either side is the best: the cost grows with the distance.
  void offer_nearest(const std::vector<std::uint16_t>& subjects, const Event& event, Candidate& best) {
    const auto after = std::partition_point(subjects.begin(), subjects.end(), [&](std::uint16_t i) {
      return a_.mentions[i].last <= event.first;
    });
    const auto offer = [&](std::uint16_t i) {  // whether to look no further
      ++a_.looks;
      const Mention& m = a_.mentions[i];
      if (within_reach(event, m)) {
        const int cost = cost_of(event, m);
        if (cost < best.cost || (cost == best.cost && i < best.mention)) best = {i, cost};
        return true;
      }
      return tokens_between(event, m) > longest_firm_reach && a_.tokens.size() > few_tokens;
    };
    for (auto i = after; i != subjects.begin();)
      if (offer(*--i)) break;
    for (auto i = after; i != subjects.end(); ++i)
      if (offer(*i)) break;
  }
  int cost_of(const Event& event, const Mention& m) const {
    const Token &at = token(m.first), &of = token(event.first);
    const bool before = m.last <= event.first;
    int cost = tokens_between(event, m);
    if (at.clause == of.clause)
      cost += before ? 0 : 3;
    else if (at.sentence == of.sentence)
      cost += 1'000 + (before ? 0 : 30);
    else
      cost += 10'000 + (at.sentence < of.sentence ? 0 : 300);
    // A handle addresses somebody; a name in the text is what is spoken of.
    if (m.in_handle) cost += 500;
    if (m.in_tag && at.clause != of.clause) cost += 200;
    return cost;
  }
  static int tokens_between(const Event& event, const Mention& m) {
    if (m.last <= event.first) return std::max(0, event.from - m.last);
    return m.first >= event.last ? m.first - event.last : 0;
  }
  void collect() {
    if (is_collected_) return;
    is_collected_ = true;
    for (std::size_t i = 0; i < a_.mentions.size(); ++i) {
      const Mention& m = a_.mentions[i];
      const auto at = static_cast<std::uint16_t>(i);
      if (m.role == Role::cause) causes_.push_back(at);
      if (is_subject(m)) (m.in_handle ? handles_ : m.in_tag ? tags_ : plain_).push_back(at);
    }
  }
  bool is_subject(const Mention& m) const { return m.role == Role::subject; }

  // How far from a name words of failure may stand. A handle or tag is about the whole post; "nahi ho raha"
  // is about what stands beside it, "is down" may come a sentence later. Who writes forty words without a
  // stop speaks of many things: there only neighbours belong together.
  bool within_reach(const Event& event, const Mention& m) const {
    if (m.in_handle || m.in_tag) return true;
    const int d = tokens_between(event, m);
    const int sentences = std::abs(int(token(m.first).sentence) - int(token(event.first).sentence));
    const Phrase& phrase = t_.phrase_list[event.phrase];
    const bool firm =
        phrase.group != Group::fails && phrase.group != Group::not_back && phrase.group != Group::topic;
    if (a_.is_article) return firm || !event.symptoms.empty() || (sentences == 0 && d <= 4);
    // No rule below reaches further; asked first, it keeps a post full of names and events cheap.
    if (sentences == 0 ? d > longest_firm_reach : a_.tokens.size() > few_tokens) return false;
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
      if (sentences == 0) return d <= (rambles ? 4 : longest_firm_reach);
      return sentences <= 2 && a_.tokens.size() <= few_tokens;
    }
    if (sentences == 0)
      return rambles ? d <= (event.symptoms.empty() ? 1 : 3) : d <= (event.symptoms.empty() ? 4 : 7);
    // A sentence later only in a short post that says more: for how long, others too, anger.
    const bool supported = a_.has(Group::since) || a_.has(Group::others_too) || a_.has(Group::emoji_anger) ||
                           a_.has(Group::residual);
    return sentences == 1 && supported && a_.tokens.size() <= 40;
  }
  static constexpr int longest_firm_reach = 14;  // tokens
  static constexpr std::size_t few_tokens = 60;  // a post that may speak over the ends of sentences
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

  // "PhonePe says that the issue is fixed": who alone is named, as one that speaks, speaks of itself.
  Candidate lone_speaker() {
    if (!lone_speaker_)
      lone_speaker_ =
          !a_.mentions.empty() && std::all_of(a_.mentions.begin(), a_.mentions.end(), [&](const Mention& m) {
            return m.role == Role::speaker && m.service == a_.mentions[0].service;
          });
    return *lone_speaker_ ? Candidate{0, 0} : Candidate{};
  }

  // "Setu stopped working. Later Setu tweeted that the server is fine": one that speaks, in this sentence,
  // and was a subject before means itself. One that only ever speaks has spoken of others.
  int failing_speaker(const Event& event) {
    if (speaker_of_sentence_.empty()) {
      speaker_of_sentence_.assign(a_.tokens.back().token.sentence + std::size_t{1}, -1);
      std::vector<int> first_subject(t_.services.size(), -1);
      for (std::size_t i = 0; i < a_.mentions.size(); ++i) {
        const Mention& m = a_.mentions[i];
        int& subject = first_subject[m.service];
        int& speaker = speaker_of_sentence_[token(m.first).sentence];
        if (is_subject(m) && subject < 0) subject = static_cast<int>(i);
        if (m.role == Role::speaker && speaker < 0) speaker = subject;
      }
    }
    return speaker_of_sentence_[token(event.first).sentence];
  }
  // What an article is about: the subject it names most often, the first of equals; one that it names once in
  // passing is not.
  int main_subject() {
    if (main_subject_) return *main_subject_;
    std::vector<int> named(t_.services.size(), 0);
    for (const Mention& m : a_.mentions) ++named[m.service];
    int best = -1, most = 1;
    for (std::size_t i = 0; i < a_.mentions.size(); ++i)
      if (const int n = named[a_.mentions[i].service]; is_subject(a_.mentions[i]) && n > most)
        most = n, best = static_cast<int>(i);
    main_subject_ = best;
    return best;
  }
  // "Some of the sites came back from ten o'clock": all that the article has said to fail, not those whose
  // cables they use.
  bool speaks_of_all(const Event& event) const {
    const std::uint16_t sentence = token(event.first).sentence;
    const std::uint64_t groups = a_.sentence_groups[sentence];
    if (!(groups & Analysis::bit(Group::collective))) return false;
    // "All our services are back" is one of them speaking.
    if (groups & (Analysis::bit(Group::first_person) | Analysis::bit(Group::official))) return false;
    const auto first = std::partition_point(plain_.begin(), plain_.end(), [&](std::uint16_t i) {
      return token(a_.mentions[i].first).sentence < sentence;
    });
    return first == plain_.end() || token(a_.mentions[*first].first).sentence > sentence;
  }
  void note_failing(const Event& event) {
    if (event.is_void || event.says != Event::Says::fails || event.bond == 0) return;
    bond_noted_.resize(a_.bonds.size());
    if (bond_noted_[event.bond]) return;
    bond_noted_[event.bond] = true;
    is_failing_.resize(t_.services.size());
    for (const std::uint16_t i : a_.bound(event)) {
      const std::uint32_t service = a_.mentions[i].service;
      if (is_failing_[service] || !is_subject(a_.mentions[i]) ||
          t_.services[service].klass == "infrastructure")
        continue;
      is_failing_[service] = true;
      failing_.push_back(i);
    }
  }
  void bind_to_failing(Event& event) {
    const auto before = static_cast<std::uint32_t>(a_.bound_mentions.size());
    a_.looks += failing_.size();
    a_.bound_mentions.insert(a_.bound_mentions.end(), failing_.begin(), failing_.end());
    close_bond(event, before);
  }
  // "because Azure is dead": the event in the cause's own clause is the cause's. Nobody blames more than the
  // nearest few.
  void bind_to_cause(Event& event) {
    collect();
    constexpr std::ptrdiff_t most_causes = 16;  // on either side
    const auto after = std::partition_point(
        causes_.begin(), causes_.end(), [&](std::uint16_t i) { return a_.mentions[i].last <= event.first; });
    const auto before = static_cast<std::uint32_t>(a_.bound_mentions.size());
    for (auto i = after - std::min(most_causes, after - causes_.begin());
         i != after + std::min(most_causes, causes_.end() - after); ++i) {
      ++a_.looks;
      const Mention& m = a_.mentions[*i];
      if (within_reach(event, m) && token(m.first).sentence == token(event.first).sentence)
        a_.bound_mentions.push_back(*i);
    }
    close_bond(event, before);
  }

  const Lexicon::Tables& t_;
  Analysis& a_;
  // Indices into mentions, in order: subjects in the text, by handle and in tags (their reach has no end),
  // and causes.
  std::vector<std::uint16_t> plain_, handles_, tags_, causes_;
  bool is_collected_{false};
  std::vector<std::uint16_t> bond_of_list_;  // 0: none yet
  TokenRange tag_;                           // that was asked for last
  std::uint16_t bond_of_tag_{0};
  std::optional<bool> lone_speaker_;
  std::vector<int> speaker_of_sentence_;  // the mention it means, or -1
  std::optional<int> main_subject_;
  std::vector<std::uint16_t> failing_;  // of each service that an article has said to fail, one mention
  std::vector<bool> is_failing_, bond_noted_;
};

}  // namespace

void bind_events(const Lexicon::Tables& tables, Analysis& analysis) { Binder(tables, analysis).run(); }

void bind_event(const Lexicon::Tables& tables, Analysis& analysis, Event& event) {
  Binder(tables, analysis).bind_in_text(event);
}

}  // namespace thap::nlp
