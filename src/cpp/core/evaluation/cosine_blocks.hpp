// 1 + cosf over consecutive steps in binary32 arithmetic, with the bits of the C library.
//
// Angles of neighbouring steps differ little, so a block of them shares one expansion. With f the
// polynomial of cosine.hpp for the block's quadrant, and distance = angle - middle, where middle is
// the angle of the block's middle step,
//
//   f(angle) = f(middle) + f'(middle) distance + f''(middle)/2 distance^2 + rest,
//   |rest| <= 1.01 |distance|^3 / 6.
//
// f(middle) is split into high + low, two floats, and the sum evaluated as high + v, where
//
//   v = low + distance secant,     secant = slope + distance curvature.
//
// The C library's result is RN(F), F being f(angle) with the rounding of its double arithmetic. How
// far can high + v be from F? Let R, the radius, bound |distance| in the block, and all be of size
// 1 at most, as sines are:
//
//   distance              0          exact by Sterbenz's lemma, where angle/2 <= middle <= 2 angle;
//                                    checked
//   slope, curvature      R 2^-25 + R^2 2^-26         their rounding to float
//   secant                R 2^-24    one rounding of at most 1 + R; unfused also its product,
//                                    R^2 2^-25
//   v                     (1.01 R + 2^-25 + error) 2^-24    one rounding; unfused also its product,
//                                    1.01 R 2^-24
//   low                   2^-49      its rounding, |low| <= 2^-25
//   in double             2^-50      f(middle), f'(middle), F; middle minus its multiple of pi/2
//   rest                  0.17 R^3
//
// Together less than error = R (k 2^-23 + R 2^-24) + 0.17 R^3 + 2^-46 with k = 1.375 fused (the
// table sums to 1.26) and 1.875 unfused (1.76). So F lies between high + (v - error) and
// high + (v + error). Rounding is monotone: where 1 + RN(high + (v - error)) and
// 1 + RN(high + (v + error)) are the same float, it is 1 + cosf(angle). Where they differ for one
// step of a block, the block is evaluated again in double, step by step.
//
// Tried: an expansion of third degree (a tie at best); doubtful steps one by one (no better with
// FMA, three times slower without); larger blocks (they are doubtful more often).
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "../schedules/formulas.hpp"

namespace fastlr::core::cosf {

/// The polynomial of a quadrant, its first derivative and half its second one.
struct Expansion {
  double value, slope, curvature;
};

template <class Isa>
FASTLR_INLINE Expansion expansion(double angle, CosineQuadrant quadrant) {
  const double x = angle - quadrant.middle, square = x * x, sign = quadrant.sign;
  double slope = multiply_add<Isa>(square, 8 * c4, 6 * c3);
  slope = multiply_add<Isa>(slope, square, 4 * c2);
  slope = multiply_add<Isa>(slope, square, 2 * c1);
  double curvature = multiply_add<Isa>(square, 28 * c4, 15 * c3);
  curvature = multiply_add<Isa>(curvature, square, 6 * c2);
  curvature = multiply_add<Isa>(curvature, square, c1);
  return {sign * cosine_polynomial<Isa>(x), sign * (x * slope), sign * curvature};
}
template <class Isa>
FASTLR_INLINE Expansion expansion(double angle, SineQuadrant quadrant) {
  const double x = angle - quadrant.middle, square = x * x;
  double slope = multiply_add<Isa>(square, -7 * s3, -5 * s2);
  slope = multiply_add<Isa>(slope, square, -3 * s1);
  slope = multiply_add<Isa>(slope, square, -1.0);
  double curvature = multiply_add<Isa>(square, -21 * s3, -10 * s2);
  curvature = multiply_add<Isa>(curvature, square, -3 * s1);
  return {negated_sine_polynomial<Isa>(x), slope, x * curvature};
}

/// `error` of the proof above, for the radius of a block.
template <class Isa>
FASTLR_INLINE float error_bound(float radius) {
  constexpr float relative = Isa::fma ? 0x1.6p-23f : 0x1.ep-23f;
  return radius * (relative + radius * 0x1p-24f) + 0.17f * (radius * radius * radius) + 0x1p-46f;
}

FASTLR_INLINE std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

/// Blocks are as many of these long as pays: at most four.
inline constexpr std::int32_t unit = 32, most_units = 4;

/// Blocks of size = units * unit steps: out[i] = formula(start + i * stride), `count` of them, a
/// multiple of the size and at most `most`. All steps are integers of at most 2**24.
template <int most, class Isa, class Quadrant, class Angle, class FastAngle, class Rate>
FASTLR_NOINLINE FASTLR_FLATTEN void fill_blocks(
    const CosineFormula<Isa, Quadrant, Angle, FastAngle, Rate> formula, std::int32_t units,
    float start, float stride, std::int32_t count, float* __restrict out) {
  const std::int32_t size = units * unit;  // written so that compilers see whole vectors
  constexpr int most_blocks = most / unit;
  // The expansion of each block; the low half of its value with the error added and subtracted.
  float middles[most_blocks], highs[most_blocks], lows_above[most_blocks], lows_below[most_blocks],
      slopes[most_blocks], curvatures[most_blocks];
  const std::int32_t blocks = count / size;
  for (std::int32_t j = 0; j < blocks; ++j) {
    const float first_step = start + static_cast<float>(j * size) * stride;
    const float first = formula.fast_angle(first_step);
    const float middle = formula.fast_angle(first_step + static_cast<float>(size / 2) * stride);
    const float last = formula.fast_angle(first_step + static_cast<float>(size - 1) * stride);
    const Expansion at_middle = expansion<Isa>(middle, formula.quadrant);
    const float high = static_cast<float>(at_middle.value);
    const auto low = static_cast<float>(at_middle.value - static_cast<double>(high));
    const float to_first = std::fabs(first - middle), to_last = std::fabs(last - middle);
    const float radius = to_first > to_last ? to_first : to_last;
    // The distances are exact, or the block is doubtful: an infinite bound makes it so.
    const bool is_exact = radius + radius < middle;
    const float error =
        is_exact ? error_bound<Isa>(radius) : std::numeric_limits<float>::infinity();
    middles[j] = middle;
    highs[j] = high;
    lows_above[j] = low + error;
    lows_below[j] = low - error;
    slopes[j] = static_cast<float>(at_middle.slope);
    curvatures[j] = static_cast<float>(at_middle.curvature);
  }
  float offsets[unit * most_units];
  for (std::int32_t i = 0; i < size; ++i) offsets[i] = static_cast<float>(i) * stride;
  for (std::int32_t j = 0; j < blocks; ++j) {
    const float middle = middles[j], high = highs[j];
    const float low_above = lows_above[j], low_below = lows_below[j];
    const float slope = slopes[j], curvature = curvatures[j];
    const float first_step = start + static_cast<float>(j * size) * stride;
    float* __restrict block = out + j * size;
    std::uint32_t doubtful = 0;
    for (std::int32_t i = 0; i < size; ++i) {
      const float distance = formula.fast_angle(first_step + offsets[i]) - middle;
      const float secant = multiply_add<Isa>(distance, curvature, slope);
      const float upper = 1.0f + (high + multiply_add<Isa>(distance, secant, low_above));
      const float lower = 1.0f + (high + multiply_add<Isa>(distance, secant, low_below));
      doubtful |= bits_of(upper) ^ bits_of(lower);
      block[i] = formula.rate(upper);
    }
    if (doubtful != 0) {
      for (std::int32_t i = 0; i < size; ++i) {
        block[i] = formula.fast(first_step + offsets[i]);
      }
    }
  }
}

/// Fills the first steps, as many as fill blocks, and returns how many these are: 0 where
/// blocks of this angle per step would be doubtful too often to be worth it.
template <int most, class Formula>
FASTLR_INLINE std::int32_t fill_in_blocks(const Formula& formula, float start, float stride,
                                          std::int32_t count, float* out) {
  const auto steps = static_cast<float>(count - 1);
  const float angle = formula.fast_angle(start + steps * stride) - formula.fast_angle(start);
  const float per_step = std::fabs(angle) / steps;
  const std::int32_t units = per_step < 2.6e-6f ? 4 : per_step < 1.7e-5f ? 2 : 1;
  if (!(per_step < 5.2e-5f)) return 0;
  const std::int32_t in_blocks = count - count % (units * unit);
  fill_blocks<most>(formula, units, start, stride, in_blocks, out);
  return in_blocks;
}

}  // namespace fastlr::core::cosf
