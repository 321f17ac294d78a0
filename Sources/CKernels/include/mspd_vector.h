// Kernels over vectors: product codes scanned from tables in registers, tables built for a query,
// vectors encoded, and exact products of whole vectors.
//
// A code has one half byte for each of its parts; a part is a few dimensions of a vector, and each
// of its 16 values names a centroid of that part. Vectors are scanned in blocks of 32 (André,
// Kermarrec & Le Scouarnec, "Cache locality is not enough", 2015). In a block each part is a row of
// 16 bytes: byte j has in its low half the code of vector j / 2 + 8 * (j % 2), in its high half
// that of the vector 16 further on. So the even bytes of a register, widened, are vectors 0 to 7
// and the odd ones 8 to 15.
//
// The entries of tables are 0 to 63, so that four of them add up in a byte. Every version of the
// integer kernels gives the same answer to the last bit; those of floats differ by rounding.

#ifndef MSPD_VECTOR_H
#define MSPD_VECTOR_H

#include "mspd_simd.h"

#include <stddef.h>
#include <stdint.h>

enum {
    /// Vectors of a block.
    MSPD_BLOCK = 32,
    /// Centroids of a part.
    MSPD_CENTROIDS = 16,
    /// The largest entry of a table.
    MSPD_ENTRY_MAX = 63,
    /// Parts of a code: a multiple of MSPD_PART_STEP, at most MSPD_PARTS_MAX.
    MSPD_PART_STEP = 4,
    MSPD_PARTS_MAX = 1024,
    /// Vectors of a block of whole vectors.
    MSPD_NEAR_BLOCK = 16,
    /// The largest number of a query in 7 bits.
    MSPD_NEAR_MAX = 127,
    /// Whole vectors are padded with zeros to a multiple of so many numbers.
    MSPD_PAD = 32,
};

/// A vector that a scan let through.
typedef struct {
    /// Its number in the index.
    uint32_t place;
    /// The higher the closer.
    int32_t sum;
} mspd_hit;

/// A run of blocks to be scanned.
typedef struct {
    /// `blocks` of 16 * parts bytes.
    const uint8_t *codes;
    /// 16 * parts entries.
    const uint8_t *tables;
    /// Codes that will be scanned next, to be fetched meanwhile; null for none.
    const uint8_t *next;
    uint32_t parts;
    /// Vectors in the blocks; the last block may be partly filled.
    uint32_t count;
    /// The number of the first of them.
    uint32_t first;
    /// What is added to every sum.
    int32_t offset;
    /// The least sum, offset included, that passes.
    int32_t bar;
} mspd_scan_job;

/// Vectors in a byte a number, of which the near ones are looked for.
typedef struct {
    /// In blocks of MSPD_NEAR_BLOCK: for every four dimensions four bytes of each vector.
    const int8_t *rows;
    /// For each vector what is added to its products, blocks filled up.
    const int32_t *offsets;
    /// For each vector a number that is added times `scale`; the product fits 31 bits.
    const float *numbers;
    /// `padded` numbers, 0 to 127.
    const uint8_t *query;
    float scale;
    uint32_t padded;
    uint32_t count;
    /// The least sum that passes.
    int32_t bar;
} mspd_near_job;

/// The kernels in one version.
typedef struct {
    /// Writes the vectors that pass, from block `*block` on, while there is room for a block of
    /// them; `*block` becomes the first block that was not scanned. Returns how many passed.
    uint32_t (*scan)(const mspd_scan_job *job, uint32_t *block, mspd_hit *hits, uint32_t room);
    /// For each part and centroid: the products of the query's numbers with the centroid's, plus
    /// (where `halved` is not null) `halved`, as floats. `centroids` has for each part `width` rows
    /// of 16 numbers, one for each centroid.
    void (*products)(
        const float *query, const float *centroids, const float *halved, size_t parts,
        size_t width, float *out);
    /// For each part the centroid whose value in `products` is the largest, the first of several.
    void (*encode)(
        const float *vector, const float *centroids, const float *halved, size_t parts,
        size_t width, uint8_t *codes);
    /// Turns rows of 16 floats into entries with one step for all of them:
    /// row[k] = about low + step * entry[k]. Returns the step, at least FLT_MIN; adds up the lows.
    float (*quantise)(const float *rows, size_t parts, uint8_t *entries, float *lows);
    /// The products of a query with `count` rows of `padded` numbers.
    void (*dots)(
        const float *query, const float *rows, size_t count, size_t padded, float *out);
    /// Writes the vectors that pass, from block `*block` on, while there is room for a block of
    /// them; `*block` becomes the first block that was not read. Returns how many passed.
    uint32_t (*near)(const mspd_near_job *job, uint32_t *block, mspd_hit *hits, uint32_t room);
    /// The products of a query with the rows named by `places`.
    void (*byte_dots)(
        const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count,
        size_t padded, int32_t *out);
    /// The squared distances between a query and the rows named by `places`.
    void (*byte_distances)(
        const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count,
        size_t padded, int32_t *out);
    /// The products of a query with rows of half precision, each times its factor: those named by
    /// `places`, or where that is null the first `count`. Factors lie as rows do.
    void (*half_dots)(
        const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,
        size_t count, size_t padded, float *out);
    /// The squared distances between a query and such rows.
    void (*half_distances)(
        const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,
        size_t count, size_t padded, float *out);
    /// Brings numbers to half precision, to the nearest, of two the even one.
    void (*narrow)(const float *values, size_t padded, uint16_t *halves);
    /// Brings a row back, times its factor.
    void (*widen)(const uint16_t *halves, float factor, size_t padded, float *values);
} mspd_vector_kernels;

// The kernels of the version for the level that was chosen.
uint32_t mspd_vector_scan(
    const mspd_scan_job *job, uint32_t *block, mspd_hit *hits, uint32_t room);
void mspd_vector_products(
    const float *query, const float *centroids, const float *halved, size_t parts, size_t width,
    float *out);
void mspd_vector_encode(
    const float *vector, const float *centroids, const float *halved, size_t parts, size_t width,
    uint8_t *codes);
float mspd_vector_quantise(const float *rows, size_t parts, uint8_t *entries, float *lows);
void mspd_vector_dots(
    const float *query, const float *rows, size_t count, size_t padded, float *out);
uint32_t mspd_vector_near(
    const mspd_near_job *job, uint32_t *block, mspd_hit *hits, uint32_t room);
void mspd_vector_byte_dots(
    const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count, size_t padded,
    int32_t *out);
void mspd_vector_byte_distances(
    const int16_t *query, const int8_t *rows, const uint32_t *places, size_t count, size_t padded,
    int32_t *out);
void mspd_vector_half_dots(
    const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,
    size_t count, size_t padded, float *out);
void mspd_vector_half_distances(
    const float *query, const uint16_t *rows, const float *factors, const uint32_t *places,
    size_t count, size_t padded, float *out);
void mspd_vector_narrow(const float *values, size_t padded, uint16_t *halves);
void mspd_vector_widen(const uint16_t *halves, float factor, size_t padded, float *values);

/// The version for a level, which this machine must have.
const mspd_vector_kernels *mspd_vector_at(mspd_simd_level level);

#endif
