// The few character properties of Unicode that text analysis asks for, from ICU's common library.
// ICU's own functions are macros that carry the version in their names, which Swift cannot import;
// these names stay. Every function is pure, thread-safe, and total: any 32-bit value may be asked,
// and one that is no scalar has the properties of an unassigned one.
#ifndef MSPD_CUNICODE_H
#define MSPD_CUNICODE_H

#include <stdbool.h>
#include <stdint.h>

// Word_Break property values of UAX #29, table 3. The numbers are ours; they fit in five bits.
enum {
    MSPD_WB_OTHER = 0,
    MSPD_WB_CR,
    MSPD_WB_LF,
    MSPD_WB_NEWLINE,
    MSPD_WB_EXTEND,
    MSPD_WB_ZWJ,
    MSPD_WB_FORMAT,
    MSPD_WB_REGIONAL_INDICATOR,
    MSPD_WB_KATAKANA,
    MSPD_WB_HEBREW_LETTER,
    MSPD_WB_ALETTER,
    MSPD_WB_SINGLE_QUOTE,
    MSPD_WB_DOUBLE_QUOTE,
    MSPD_WB_MIDNUMLET,
    MSPD_WB_MIDLETTER,
    MSPD_WB_MIDNUM,
    MSPD_WB_NUMERIC,
    MSPD_WB_EXTENDNUMLET,
    MSPD_WB_WSEGSPACE,
    MSPD_WB_COUNT
};

/// The Word_Break class, one of MSPD_WB_*.
uint8_t mspd_word_break(uint32_t scalar);

/// Extended_Pictographic, which rule WB3c asks for.
bool mspd_extended_pictographic(uint32_t scalar);

/// A letter or a number by general category (L, N), or an alphabetic symbol such as U+24B6.
/// Marks are none.
bool mspd_letter_or_number(uint32_t scalar);

/// Alphabetic or of general category N: what Rust's char::is_alphanumeric says.
bool mspd_alphanumeric(uint32_t scalar);

/// Compatibility decomposition (NFKD) of the scalar's NFKC_Casefold mapping: full case folding,
/// width and compatibility forms resolved, default ignorables gone. Writes at most `capacity`
/// scalars and returns how many there are (0 for an ignorable), or -1 when they do not fit.
int mspd_fold(uint32_t scalar, uint32_t *out, int capacity);

/// The value of a decimal digit of any script, or -1.
int mspd_digit(uint32_t scalar);

/// The NFKC_Casefold form of a UTF-8 text, composed: lower case with its accents. Writes at most
/// `capacity` bytes and returns how many there are, or -1 when they do not fit.
int mspd_casefold(const uint8_t *text, int count, uint8_t *out, int capacity);

/// Finds where words begin and end, by dictionaries in scripts without spaces; NULL where the
/// library has none. Not thread safe, unlike all else here.
typedef struct mspd_words mspd_words;
mspd_words *mspd_words_new(void);
void mspd_words_delete(mspd_words *words);

/// Where the words of a UTF-8 text, and what stands between them, begin and end: ascending offsets
/// from 0 to `count`, both included. Writes at most `capacity` of them and returns how many there
/// are, or -1 when they do not fit.
int mspd_words_bounds(
    mspd_words *words, const uint8_t *text, int count, int32_t *out, int capacity);

/// The version of Unicode that the library knows: major * 100 + minor.
int mspd_unicode_version(void);

#endif
