// Endings that names and topics take, generated from one base form when the lexicon is loaded.
#pragma once
#include <string>
#include <string_view>

#include "nlp/phrase_book.h"

namespace thap::nlp {

// Lets every inflected form of `word` (folded) read as the word itself. Bengali case endings, Hindi
// postpositions glued in haste, English plural and possessive; `romanised` also allows Banglish endings glued
// to Latin words (kolkatay, swiggyte).
void inflect_name(Vocabulary& vocabulary, const std::string& word, bool romanised);

// The same for common nouns and verb stems: Bengali endings and English plural only.
void inflect_topic(Vocabulary& vocabulary, const std::string& word);

// The negator at the end of a word that is written together with it (করছেনা, korchena): how many bytes it
// has, or 0.
std::size_t trailing_negator(std::string_view word);

// Letters and digits of a handle, lower case: "@Airtel_Presence" and "airtelpresence" are one.
std::string fold_handle(std::string_view handle);

}  // namespace thap::nlp
