// 1 + cosf over consecutive steps in binary32 arithmetic, with the bits of the C library.
//
// Angles of neighbouring steps differ little, so a block of them shares one expansion. With f the
// polynomial of cosine.hpp for the block's quadrant, m the angle of its middle step and d = y - m,
//
//   f(y) = f(m) + f'(m) d + f''(m)/2 d^2 + rest,     |rest| <= 1.01 |d|^3 / 6.
//
// f(m) is split into hi + lo, two floats, and the sum evaluated as hi + v, v = lo + d (w1 + d w2).
// The C library's result is RN(F), F being f(y) with the rounding of its double arithmetic. How far
// can hi + v be from F? Let R bound |d| in the block, and all be of size 1 at most, as sines are:
//
//   d            0            exact by Sterbenz's lemma, where y/2 <= m <= 2y; checked
//   w1, w2       R 2^-25 + R^2 2^-26                   their rounding to float
//   w1 + d w2    R 2^-24      one rounding of at most 1 + R; unfused also d w2: R^2 2^-25
//   lo + d w     (1.01 R + 2^-25 + e) 2^-24            one rounding; unfused also d w: 1.01 R 2^-24
//   lo           2^-49        its rounding, |lo| <= 2^-25
//   in double    2^-50        f(m), f'(m), F and m minus its multiple of pi/2
//   rest         0.17 R^3
//
// Together less than e = R (k 2^-23 + R 2^-24) + 0.17 R^3 + 2^-46 with k = 1.375 fused (the table
// sums to 1.26) and 1.875 unfused (1.76). So F lies between hi + (v - e) and hi + (v + e). Rounding
// is monotone: where 1 + RN(hi + (v - e)) and 1 + RN(hi + (v + e)) are the same float, it is 1 +
// cosf(y). Where they differ for one step of a block, the block is evaluated again in double, step
// by step.
//
// Tried: an expansion of third degree (a tie at best); doubtful steps one by one (no better with
// FMA, three times slower without); larger blocks (they are doubtful more often).
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>

#include "../schedules/formulas.hpp"

namespace fastlr::core {

namespace cosf {

/// The polynomial of a quadrant, its first derivative and half its second one.
struct Expansion {
  double value, slope, curvature;
};

template <class Isa>
FASTLR_INLINE Expansion expansion(double y, CosineQuadrant quadrant) {
  const double x = y - quadrant.middle, z = x * x, sign = quadrant.sign;
  double slope = multiply_add<Isa>(z, 8 * c4, 6 * c3);
  slope = multiply_add<Isa>(slope, z, 4 * c2);
  slope = multiply_add<Isa>(slope, z, 2 * c1);
  double curvature = multiply_add<Isa>(z, 28 * c4, 15 * c3);
  curvature = multiply_add<Isa>(curvature, z, 6 * c2);
  curvature = multiply_add<Isa>(curvature, z, c1);
  return {sign * cosine_polynomial<Isa>(x), sign * (x * slope), sign * curvature};
}
template <class Isa>
FASTLR_INLINE Expansion expansion(double y, SineQuadrant quadrant) {
  const double x = y - quadrant.middle, z = x * x;
  double slope = multiply_add<Isa>(z, -7 * s3, -5 * s2);
  slope = multiply_add<Isa>(slope, z, -3 * s1);
  slope = multiply_add<Isa>(slope, z, -1.0);
  double curvature = multiply_add<Isa>(z, -21 * s3, -10 * s2);
  curvature = multiply_add<Isa>(curvature, z, -3 * s1);
  return {negated_sine_polynomial<Isa>(x), slope, x * curvature};
}

/// e of the proof above, for the R of a block.
template <class Isa>
FASTLR_INLINE float error_bound(float r) {
  constexpr float relative = Isa::fma ? 0x1.6p-23f : 0x1.ep-23f;
  return r * (relative + r * 0x1p-24f) + 0.17f * (r * r * r) + 0x1p-46f;
}

FASTLR_INLINE std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

/// Blocks of `size` steps: out[i] = formula(start + i * step), `count` of them, a multiple of
/// `size` and at most `most`. All steps are integers of at most
/// 2**24.
template <int size, int most, class Isa, class Quadrant, class Angle, class FastAngle, class Rate>
FASTLR_NOINLINE FASTLR_FLATTEN void fill_blocks(
    const CosineFormula<Isa, Quadrant, Angle, FastAngle, Rate> formula, float start, float step,
    std::int32_t count, float* __restrict out) {
  constexpr int most_blocks = most / size;
  float middle[most_blocks], high[most_blocks], above[most_blocks], below[most_blocks],
      w1[most_blocks], w2[most_blocks];
  const std::int32_t blocks = count / size;
  for (std::int32_t j = 0; j < blocks; ++j) {
    const float first = start + static_cast<float>(j * size) * step;
    const float y0 = formula.fast_angle(first);
    const float m = formula.fast_angle(first + (size / 2) * step);
    const float y1 = formula.fast_angle(first + (size - 1) * step);
    const Expansion f = expansion<Isa>(m, formula.quadrant);
    const float hi = static_cast<float>(f.value);
    const auto lo = static_cast<float>(f.value - static_cast<double>(hi));
    const float to_first = std::fabs(y0 - m), to_last = std::fabs(y1 - m);
    const float r = to_first > to_last ? to_first : to_last;
    // d is exact, or the block is doubtful: an infinite bound makes it so.
    const bool is_exact = r + r < m;
    const float e = is_exact ? error_bound<Isa>(r) : std::numeric_limits<float>::infinity();
    middle[j] = m;
    high[j] = hi;
    above[j] = lo + e;
    below[j] = lo - e;
    w1[j] = static_cast<float>(f.slope);
    w2[j] = static_cast<float>(f.curvature);
  }
  float offsets[size];
  for (std::int32_t i = 0; i < size; ++i) offsets[i] = static_cast<float>(i) * step;
  for (std::int32_t j = 0; j < blocks; ++j) {
    const float m = middle[j], hi = high[j], lo_above = above[j], lo_below = below[j];
    const float slope = w1[j], curvature = w2[j];
    const float first = start + static_cast<float>(j * size) * step;
    float* __restrict block = out + j * size;
    std::uint32_t doubtful = 0;
    for (std::int32_t i = 0; i < size; ++i) {
      const float d = formula.fast_angle(first + offsets[i]) - m;
      const float w = multiply_add<Isa>(d, curvature, slope);
      const float upper = 1.0f + (hi + multiply_add<Isa>(d, w, lo_above));
      const float lower = 1.0f + (hi + multiply_add<Isa>(d, w, lo_below));
      doubtful |= bits_of(upper) ^ bits_of(lower);
      block[i] = formula.rate(upper);
    }
    if (doubtful != 0) {
      for (std::int32_t i = 0; i < size; ++i) {
        block[i] = formula.fast(first + offsets[i]);
      }
    }
  }
}

/// Fills the first steps, as many as fill blocks, and returns how many these are: 0 where
/// blocks of this angle per step would be doubtful too often to be worth it.
template <int most, class Formula>
FASTLR_INLINE std::int32_t fill_in_blocks(const Formula& formula, float start, float step,
                                          std::int32_t count, float* out) {
  const auto steps = static_cast<float>(count - 1);
  const float angle = formula.fast_angle(start + steps * step) - formula.fast_angle(start);
  const float per_step = std::fabs(angle) / steps;
  const auto fill = [&](auto size) {
    const std::int32_t in_blocks = count - count % size.value;
    fill_blocks<size.value, most>(formula, start, step, in_blocks, out);
    return in_blocks;
  };
  if (per_step < 2.6e-6f) return fill(std::integral_constant<int, 128>());
  if (per_step < 1.7e-5f) return fill(std::integral_constant<int, 64>());
  if (per_step < 5.2e-5f) return fill(std::integral_constant<int, 32>());
  return 0;
}

}  // namespace cosf
}  // namespace fastlr::core
