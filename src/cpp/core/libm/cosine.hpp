// cosf with the bits of the C library, for angles in [-pi/4, 3.92]: [0, pi], and what schedules
// reach beyond it by rounding.
//
// glibc 2.28 and later (and every C library built on Arm's optimized-routines, which the constants
// are from: math/sincosf_data.c, MIT) reduce the angle in double by the nearest multiple of pi/2
// and evaluate one even or one odd polynomial, rounded to float once at the end.
//
// Horner's order differs from the library's, and so do fused operations; neither changes one bit of
// the result over all 1,078,530,012 floats of [0, pi], nor over the others of that range.
// tests/full/exhaustive proves that on every instruction set. Outside that range the C library
// itself is called.
#pragma once

#include <cmath>
#include <cstdint>

#include "../arithmetic/instruction_sets.hpp"

namespace fastlr::core {

inline constexpr float pi_float = 0x1.921fb6p+1f;
inline constexpr double pi_double = 0x1.921fb54442d18p+1;

namespace cosf {

inline constexpr double half_pi = 0x1.921fb54442d18p0;
inline constexpr double c1 = -0x1.ffffffd0c621cp-2;
inline constexpr double c2 = 0x1.55553e1068f19p-5;
inline constexpr double c3 = -0x1.6c087e89a359dp-10;
inline constexpr double c4 = 0x1.99343027bf8c3p-16;
inline constexpr double s1 = -0x1.555545995a603p-3;
inline constexpr double s2 = 0x1.1107605230bc4p-7;
inline constexpr double s3 = -0x1.994eb3774cf24p-13;

/// cos(x), |x| <= pi/4.
template <class Isa>
FASTLR_INLINE double cosine_polynomial(double x) {
  const double z = x * x;
  double r = multiply_add<Isa>(z, c4, c3);
  r = multiply_add<Isa>(r, z, c2);
  r = multiply_add<Isa>(r, z, c1);
  return multiply_add<Isa>(r, z, 1.0);
}

/// -sin(x), |x| <= pi/4.
template <class Isa>
FASTLR_INLINE double negated_sine_polynomial(double x) {
  const double z = x * x;
  double r = multiply_add<Isa>(z, -s3, -s2);
  r = multiply_add<Isa>(r, z, -s1);
  r = multiply_add<Isa>(r, z, -1.0);
  return r * x;
}

/// The angles for which the functions below are proven.
inline constexpr float first_angle = -0x1.921fb4p-1f;  // the float below pi/4, negated
inline constexpr float last_angle = 3.92f;
FASTLR_INLINE bool is_proven(float y) { return y >= first_angle && y <= last_angle; }

/// The multiple of pi/2 that the C library reduces y by: 0, 1 or 2 for proven angles.
FASTLR_INLINE int quadrant(float y) {
  constexpr double two_over_pi_24 = 0x1.45f306dc9c883p+23;  // 2/pi * 2**24
  if (y < 0x1.921fb6p-1f) return 0;  // below pi/4 the library does not reduce at all
  return (static_cast<std::int32_t>(y * two_over_pi_24) + 0x800000) >> 24;
}

/// Quadrants 0 and 2: one polynomial, so that one loop serves both, with other constants.
struct CosineQuadrant {
  double middle;
  float sign;
};
inline constexpr CosineQuadrant quadrant_0{0.0, 1.0f}, quadrant_2{2 * half_pi, -1.0f};

/// Quadrant 1.
struct SineQuadrant {
  static constexpr double middle = half_pi;
};
inline constexpr SineQuadrant quadrant_1{};

/// cosf(y) for a y whose quadrant is known.
template <class Isa>
FASTLR_INLINE float in_quadrant(float y, CosineQuadrant quadrant) {
  return quadrant.sign *
         static_cast<float>(cosine_polynomial<Isa>(static_cast<double>(y) - quadrant.middle));
}
template <class Isa>
FASTLR_INLINE float in_quadrant(float y, SineQuadrant quadrant) {
  return static_cast<float>(negated_sine_polynomial<Isa>(static_cast<double>(y) - quadrant.middle));
}

/// cosf(y) for a proven y without branches: both polynomials, the right one kept.
/// One Horner chain with coefficients chosen by lane was no faster (1.16 against 1.13 ns).
template <class Isa>
FASTLR_INLINE float in_any_quadrant(float y, bool past_first, bool past_second) {
  const double x = static_cast<double>(y) - (past_second  ? 2 * half_pi
                                             : past_first ? half_pi
                                                          : 0.0);
  double c = cosine_polynomial<Isa>(x);
  c = past_second ? -c : c;
  const double s = negated_sine_polynomial<Isa>(x);
  return static_cast<float>(past_first && !past_second ? s : c);
}

}  // namespace cosf

/// cosf(y) with the C library's bits for every float.
template <class Isa>
FASTLR_INLINE float cosine(float y) {
  if (!cosf::is_proven(y)) return std::cos(y);
  switch (cosf::quadrant(y)) {
    case 0:
      return cosf::in_quadrant<Isa>(y, cosf::quadrant_0);
    case 1:
      return cosf::in_quadrant<Isa>(y, cosf::quadrant_1);
    default:
      return cosf::in_quadrant<Isa>(y, cosf::quadrant_2);
  }
}

/// The C library's own double cosine.
template <class Isa>
FASTLR_INLINE double cosine(double y) {
  return std::cos(y);
}

}  // namespace fastlr::core
