// The order of all floats as the order of integers, and bisection over it for exact thresholds.
#pragma once

#include <cstdint>
#include <cstring>

#include "instruction_sets.hpp"

namespace fastlr::core {

/// Position of x among all floats: a < b implies ordinal(a) < ordinal(b), and -0.0 stands just
/// below 0.0. Its own inverse on bit patterns.
FASTLR_INLINE std::int32_t ordinal(float x) {
  std::int32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits ^ ((bits >> 31) & 0x7fffffff);
}

FASTLR_INLINE std::int64_t ordinal(double x) {
  std::int64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits ^ ((bits >> 63) & 0x7fffffffffffffff);
}

FASTLR_INLINE float from_ordinal(std::int32_t position) {
  const std::int32_t bits = position ^ ((position >> 31) & 0x7fffffff);
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

FASTLR_INLINE double from_ordinal(std::int64_t position) {
  const std::int64_t bits = position ^ ((position >> 63) & 0x7fffffffffffffff);
  double x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// The first float in [low, high] for which the monotone `holds` is true; high if there is none.
template <class Predicate>
float first_float(float low, float high, Predicate holds) {
  std::int64_t a = ordinal(low), b = ordinal(high);
  while (a < b) {
    const std::int64_t middle = a + (b - a) / 2;
    if (holds(from_ordinal(static_cast<std::int32_t>(middle)))) {
      b = middle;
    } else {
      a = middle + 1;
    }
  }
  return from_ordinal(static_cast<std::int32_t>(b));
}

}  // namespace fastlr::core
