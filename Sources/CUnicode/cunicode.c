// See CUnicode.h. Thin by intent: what is folded away, and why, is decided in Swift.
#include "CUnicode.h"

#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>
#include <unicode/utf16.h>

static const uint8_t word_break_classes[] = {
    [U_WB_OTHER] = MSPD_WB_OTHER,
    [U_WB_CR] = MSPD_WB_CR,
    [U_WB_LF] = MSPD_WB_LF,
    [U_WB_NEWLINE] = MSPD_WB_NEWLINE,
    [U_WB_EXTEND] = MSPD_WB_EXTEND,
    [U_WB_ZWJ] = MSPD_WB_ZWJ,
    [U_WB_FORMAT] = MSPD_WB_FORMAT,
    [U_WB_REGIONAL_INDICATOR] = MSPD_WB_REGIONAL_INDICATOR,
    [U_WB_KATAKANA] = MSPD_WB_KATAKANA,
    [U_WB_HEBREW_LETTER] = MSPD_WB_HEBREW_LETTER,
    [U_WB_ALETTER] = MSPD_WB_ALETTER,
    [U_WB_SINGLE_QUOTE] = MSPD_WB_SINGLE_QUOTE,
    [U_WB_DOUBLE_QUOTE] = MSPD_WB_DOUBLE_QUOTE,
    [U_WB_MIDNUMLET] = MSPD_WB_MIDNUMLET,
    [U_WB_MIDLETTER] = MSPD_WB_MIDLETTER,
    [U_WB_MIDNUM] = MSPD_WB_MIDNUM,
    [U_WB_NUMERIC] = MSPD_WB_NUMERIC,
    [U_WB_EXTENDNUMLET] = MSPD_WB_EXTENDNUMLET,
    [U_WB_WSEGSPACE] = MSPD_WB_WSEGSPACE,
};

enum { class_count = sizeof word_break_classes / sizeof word_break_classes[0] };

// Longest NFKC_Casefold or NFKD mapping of one scalar is 18 UTF-16 units (U+FDFA); with room.
enum { fold_units_max = 64 };

uint8_t mspd_word_break(uint32_t scalar) {
    const int32_t value = u_getIntPropertyValue((UChar32)scalar, UCHAR_WORD_BREAK);
    // Values past the table would come from a newer Unicode: treated as Other.
    return value >= 0 && value < class_count ? word_break_classes[value] : MSPD_WB_OTHER;
}

bool mspd_extended_pictographic(uint32_t scalar) {
    return u_hasBinaryProperty((UChar32)scalar, UCHAR_EXTENDED_PICTOGRAPHIC);
}

bool mspd_letter_or_number(uint32_t scalar) {
    const uint32_t category = U_GET_GC_MASK((UChar32)scalar);
    if (category & (U_GC_L_MASK | U_GC_N_MASK)) return true;
    return !(category & U_GC_M_MASK) && u_hasBinaryProperty((UChar32)scalar, UCHAR_ALPHABETIC);
}

bool mspd_alphanumeric(uint32_t scalar) {
    if (U_GET_GC_MASK((UChar32)scalar) & U_GC_N_MASK) return true;
    return u_hasBinaryProperty((UChar32)scalar, UCHAR_ALPHABETIC);
}

int mspd_fold(uint32_t scalar, uint32_t *out, int capacity) {
    if (scalar > 0x10FFFF || U_IS_SURROGATE(scalar)) scalar = 0xFFFD;
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(&status);
    const UNormalizer2 *decompose = unorm2_getNFKDInstance(&status);
    if (U_FAILURE(status)) return -1;

    UChar source[2], folded[fold_units_max], decomposed[fold_units_max];
    int32_t source_length = 0;
    U16_APPEND_UNSAFE(source, source_length, scalar);
    const int32_t folded_length =
        unorm2_normalize(casefold, source, source_length, folded, fold_units_max, &status);
    const int32_t length =
        unorm2_normalize(decompose, folded, folded_length, decomposed, fold_units_max, &status);
    if (U_FAILURE(status)) return -1;

    int count = 0;
    for (int32_t i = 0; i < length;) {
        UChar32 next;
        U16_NEXT(decomposed, i, length, next);
        if (count == capacity) return -1;
        out[count++] = (uint32_t)next;
    }
    return count;
}

int mspd_digit(uint32_t scalar) {
    if (u_charType((UChar32)scalar) != U_DECIMAL_DIGIT_NUMBER) return -1;
    return u_charDigitValue((UChar32)scalar);
}

int mspd_casefold(const uint8_t *text, int count, uint8_t *out, int capacity) {
    enum { units_max = 1024 };
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *casefold = unorm2_getNFKCCasefoldInstance(&status);
    UChar source[units_max], folded[units_max];
    int32_t length = 0;
    u_strFromUTF8WithSub(
        source, units_max, &length, (const char *)text, count, 0xFFFD, NULL, &status);
    if (U_FAILURE(status)) return -1;
    length = unorm2_normalize(casefold, source, length, folded, units_max, &status);
    if (U_FAILURE(status)) return -1;
    int32_t written = 0;
    u_strToUTF8((char *)out, capacity, &written, folded, length, &status);
    return U_FAILURE(status) ? -1 : written;
}

mspd_words *mspd_words_new(void) {
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *iterator = ubrk_open(UBRK_WORD, "en", NULL, 0, &status);
    return U_FAILURE(status) ? NULL : (mspd_words *)iterator;
}

void mspd_words_delete(mspd_words *words) { ubrk_close((UBreakIterator *)words); }

int mspd_words_bounds(
    mspd_words *words, const uint8_t *text, int count, int32_t *out, int capacity) {
    UErrorCode status = U_ZERO_ERROR;
    UText source = UTEXT_INITIALIZER;
    utext_openUTF8(&source, (const char *)text, count, &status);
    ubrk_setUText((UBreakIterator *)words, &source, &status);
    int found = 0;
    if (U_SUCCESS(status)) {
        int32_t bound = ubrk_first((UBreakIterator *)words);
        for (; bound != UBRK_DONE; bound = ubrk_next((UBreakIterator *)words)) {
            if (found == capacity) {
                found = -1;
                break;
            }
            out[found++] = bound;
        }
    }
    utext_close(&source);
    return U_FAILURE(status) ? -1 : found;
}

int mspd_unicode_version(void) {
    UVersionInfo version;
    u_getUnicodeVersion(version);
    return version[0] * 100 + version[1];
}
