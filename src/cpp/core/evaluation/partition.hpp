// Steps on the two sides of a boundary, apart and together again: without branches, which random
// steps would mispredict, and in vectors where there are instructions for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#include "../arithmetic/instruction_sets.hpp"

namespace fastlr::core {

/// How many elements behind the last may be read and written.
inline constexpr std::size_t partition_padding = 8;

// A Mask has a bit for each lane. `packed` moves the lanes of its set bits to the front; `spread`
// puts the first of `set` and of `unset` to the lanes whose bits are set and not.

// A namespace for each, since files with other instructions have other functions of these names.

#if defined(__AVX512VL__) && defined(__AVX512DQ__)

inline namespace lanes_of_avx512 {

inline constexpr std::size_t partition_lanes = 8;
using Mask = __mmask8;

FASTLR_INLINE std::size_t bit_count(Mask mask) {
  return static_cast<std::size_t>(_mm_popcnt_u32(mask));
}

FASTLR_INLINE Mask mask_below(const std::int64_t* steps, std::int64_t boundary) {
  return _mm512_cmplt_epi64_mask(_mm512_loadu_si512(steps), _mm512_set1_epi64(boundary));
}
FASTLR_INLINE Mask mask_below(const double* steps, double boundary) {
  return _mm512_cmp_pd_mask(_mm512_loadu_pd(steps), _mm512_set1_pd(boundary), _CMP_LT_OQ);
}
FASTLR_INLINE Mask mask_below(const float* steps, float boundary) {
  return _mm256_cmp_ps_mask(_mm256_loadu_ps(steps), _mm256_set1_ps(boundary), _CMP_LT_OQ);
}

template <class T>
FASTLR_INLINE void packed(Mask mask, const T* from, T* to) {
  if constexpr (sizeof(T) == 8) {
    _mm512_storeu_si512(to, _mm512_maskz_compress_epi64(mask, _mm512_loadu_si512(from)));
  } else {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_maskz_compress_epi32(
                            mask, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))));
  }
}

template <class T>
FASTLR_INLINE void spread(Mask mask, const T* set, const T* unset, T* to) {
  const auto others = static_cast<Mask>(~mask);
  if constexpr (sizeof(T) == 8) {
    const auto rest = _mm512_maskz_expand_epi64(others, _mm512_loadu_si512(unset));
    _mm512_storeu_si512(to, _mm512_mask_expand_epi64(rest, mask, _mm512_loadu_si512(set)));
  } else {
    const auto rest = _mm256_maskz_expand_epi32(
        others, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(unset)));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to),
                        _mm256_mask_expand_epi32(
                            rest, mask, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(set))));
  }
}

}  // namespace lanes_of_avx512

#elif defined(__AVX2__)

inline namespace lanes_of_avx2 {

inline constexpr std::size_t partition_lanes = 4;
using Mask = unsigned;

FASTLR_INLINE std::size_t bit_count(Mask mask) {
  return static_cast<std::size_t>(_mm_popcnt_u32(mask));
}

FASTLR_INLINE Mask mask_below(const std::int64_t* steps, std::int64_t boundary) {
  const auto four = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(steps));
  const auto below = _mm256_cmpgt_epi64(_mm256_set1_epi64x(boundary), four);
  return static_cast<Mask>(_mm256_movemask_pd(_mm256_castsi256_pd(below)));
}
FASTLR_INLINE Mask mask_below(const double* steps, double boundary) {
  return static_cast<Mask>(_mm256_movemask_pd(
      _mm256_cmp_pd(_mm256_loadu_pd(steps), _mm256_set1_pd(boundary), _CMP_LT_OQ)));
}
FASTLR_INLINE Mask mask_below(const float* steps, float boundary) {
  return static_cast<Mask>(
      _mm_movemask_ps(_mm_cmp_ps(_mm_loadu_ps(steps), _mm_set1_ps(boundary), _CMP_LT_OQ)));
}

/// For each mask, which 32-bit lane goes where.
template <std::size_t words>
struct LaneTables {
  using Lanes = std::array<std::int32_t, 4 * words>;
  std::array<Lanes, 16> packed{}, spread{};

  constexpr LaneTables() {
    for (unsigned mask = 0; mask < 16; ++mask) {
      std::size_t rank = 0;
      for (std::size_t lane = 0; lane < 4; ++lane) {
        if ((mask >> lane & 1) == 0) continue;
        for (std::size_t word = 0; word < words; ++word) {
          packed[mask][rank * words + word] = static_cast<std::int32_t>(lane * words + word);
          spread[mask][lane * words + word] = static_cast<std::int32_t>(rank * words + word);
        }
        ++rank;
      }
    }
  }
};
template <std::size_t words>
inline constexpr LaneTables<words> lane_tables;

template <class T>
FASTLR_INLINE auto permuted(const T* four, const std::int32_t* lanes) {
  if constexpr (sizeof(T) == 8) {
    return _mm256_castsi256_pd(
        _mm256_permutevar8x32_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(four)),
                                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(lanes))));
  } else {
    return _mm_permutevar_ps(_mm_loadu_ps(four),
                             _mm_loadu_si128(reinterpret_cast<const __m128i*>(lanes)));
  }
}

template <class T>
FASTLR_INLINE void packed(Mask mask, const T* from, T* to) {
  const auto front = permuted(from, lane_tables<sizeof(T) / 4>.packed[mask & 15].data());
  std::memcpy(to, &front, sizeof front);
}

template <class T>
FASTLR_INLINE void spread(Mask mask, const T* set, const T* unset, T* to) {
  const auto& tables = lane_tables<sizeof(T) / 4>.spread;
  const auto a = permuted(set, tables[mask & 15].data());
  const auto b = permuted(unset, tables[~mask & 15].data());
  const auto is_set = _mm_cmpgt_epi32(
      _mm_and_si128(_mm_set1_epi32(static_cast<int>(mask)), _mm_setr_epi32(1, 2, 4, 8)),
      _mm_setzero_si128());
  if constexpr (sizeof(T) == 8) {
    const auto chosen = _mm256_blendv_pd(b, a, _mm256_castsi256_pd(_mm256_cvtepi32_epi64(is_set)));
    std::memcpy(to, &chosen, sizeof chosen);
  } else {
    const auto chosen = _mm_blendv_ps(b, a, _mm_castsi128_ps(is_set));
    std::memcpy(to, &chosen, sizeof chosen);
  }
}

}  // namespace lanes_of_avx2

#else

inline namespace single_lane {

inline constexpr std::size_t partition_lanes = 1;
using Mask = std::size_t;

FASTLR_INLINE std::size_t bit_count(Mask mask) { return mask; }

template <class Step>
FASTLR_INLINE Mask mask_below(const Step* steps, Step boundary) {
  return *steps < boundary ? 1 : 0;
}
template <class T>
FASTLR_INLINE void packed(Mask, const T* from, T* to) {
  *to = *from;
}
template <class T>
FASTLR_INLINE void spread(Mask mask, const T* set, const T* unset, T* to) {
  const T* const from[] = {unset, set};
  *to = *from[mask];
}

}  // namespace single_lane

#endif

/// The steps below a boundary, and the others, NaN among them; how many are below.
template <class Isa, class Step>
std::size_t split(const Step* steps, std::size_t count, Step boundary, Step* below, Step* others) {
  std::size_t i = 0, is_below = 0;
  for (; i + partition_lanes <= count; i += partition_lanes) {
    const Mask mask = mask_below(steps + i, boundary);
    packed(mask, steps + i, below + is_below);
    packed(static_cast<Mask>(~mask), steps + i, others + i - is_below);
    is_below += bit_count(mask);
  }
  for (; i < count; ++i) {
    below[is_below] = others[i - is_below] = steps[i];
    is_below += steps[i] < boundary;
  }
  return is_below;
}

/// The rates of both, in the order of the steps.
template <class Isa, class Step, class Real>
void merge(const Step* steps, std::size_t count, Step boundary, const Real* below,
           const Real* others, Real* out) {
  std::size_t i = 0, is_below = 0;
  for (; i + partition_lanes <= count; i += partition_lanes) {
    const Mask mask = mask_below(steps + i, boundary);
    spread(mask, below + is_below, others + i - is_below, out + i);
    is_below += bit_count(mask);
  }
  for (; i < count; ++i) {
    const bool from_below = steps[i] < boundary;
    out[i] = *(from_below ? below + is_below : others + i - is_below);
    is_below += from_below;
  }
}

}  // namespace fastlr::core
