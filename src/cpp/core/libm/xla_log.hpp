// XLA's own binary32 logarithm on CPU, which is not the C library's: about one value in 28 differs.
//
// Cephes' logf (S. Moshier, public domain) as XLA emits it, with the products and sums contracted.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "../arithmetic/flush_to_zero.hpp"

namespace fastlr::core {

FASTLR_INLINE float xla_logarithm(float x) {
  if (std::isnan(x) || x < 0) return std::numeric_limits<float>::quiet_NaN();
  if (x == 0) return -std::numeric_limits<float>::infinity();
  if (std::isinf(x)) return x;
  x = x < std::numeric_limits<float>::min() ? std::numeric_limits<float>::min() : x;
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  // x = 2^exponent * mantissa, mantissa in [0.5, 1), moved to [sqrt(0.5), sqrt(2)).
  float exponent = static_cast<float>(static_cast<std::int32_t>(bits >> 23) - 126);
  bits = (bits & 0x807fffffu) | 0x3f000000u;
  float mantissa;
  std::memcpy(&mantissa, &bits, sizeof mantissa);
  const bool small = mantissa < 0x1.6a09e6p-1f;
  const float t = (mantissa - 1.0f) + (small ? mantissa : 0.0f);
  exponent -= small ? 1.0f : 0.0f;
  const float t2 = t * t, t3 = t2 * t;
  const auto horner = [t](float a, float b, float c) { return fused(t, fused(t, a, b), c); };
  const float a = horner(0x1.204376p-4f, -0x1.d7a37p-4f, 0x1.de4a34p-4f);
  const float b = horner(-0x1.fcba9ep-4f, 0x1.23d37ep-3f, -0x1.555cap-3f);
  const float c = horner(0x1.999d58p-3f, -0x1.fffff8p-3f, 0x1.555554p-2f);
  float y = fused(fused(a, t3, b), t3, c);
  y = fused(y, t3, -0x1.bd0106p-13f * exponent);
  return fused(exponent, 0x1.63p-1f, fused(t2, -0.5f, t) + y);
}

}  // namespace fastlr::core
