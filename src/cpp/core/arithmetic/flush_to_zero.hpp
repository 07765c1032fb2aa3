// The numbers the schedules are written in.
//
// TensorFlow runs its kernels with "flush to zero" and "denormals are zero", so a subnormal result
// or operand counts as zero there. A schedule is one formula, a template over its number type:
//
//   float, double           plain IEEE arithmetic, for steps and parameters from which no subnormal
//                           can arise; the schedule says when that is (`needs_flush`)
//   Flushed<float|double>   the same operations with TensorFlow's flush, for all others
#pragma once

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

#include "instruction_sets.hpp"

namespace fastlr::core {

static_assert(FLT_EVAL_METHOD == 0,
              "one operation, one rounding, in the type of its operands: compile for SSE, not x87");

/// Steps nearer to zero than the first, but not zero, or further away than the second are evaluated
/// in `Flushed` arithmetic: they come from arrays of floats only. `needs_flush` assumes all
/// others.
template <class Real>
inline constexpr Real smallest_plain_step = Real(0x1p-20);
template <class Real>
inline constexpr Real largest_plain_step = Real(0x1p64);

/// True for steps that need `Flushed` arithmetic, and for NaN.
template <class Real>
FASTLR_INLINE bool step_needs_flush(Real step) {
  const Real magnitude = step < 0 ? -step : step;
  const bool small = !(magnitude >= smallest_plain_step<Real>), zero = step == 0;
  const bool large = !(magnitude <= largest_plain_step<Real>);
  return (small & !zero) | large;
}

template <class Real>
FASTLR_INLINE Real flush(Real x) {
  return std::fabs(x) < std::numeric_limits<Real>::min() ? std::copysign(Real(0), x) : x;
}

/// A Real whose operations flush subnormal operands and results to zero, with the sign kept.
template <class Real>
class Flushed {
 public:
  Flushed() = default;
  // Implicit, so that formulas may mix it with plain constants.
  FASTLR_INLINE Flushed(Real x) : value_(flush(x)) {}  // NOLINT(google-explicit-constructor)
  FASTLR_INLINE explicit operator Real() const { return value_; }

  FASTLR_INLINE friend Flushed operator-(Flushed a) { return -a.value_; }
  FASTLR_INLINE friend Flushed operator+(Flushed a, Flushed b) { return a.value_ + b.value_; }
  FASTLR_INLINE friend Flushed operator-(Flushed a, Flushed b) { return a.value_ - b.value_; }
  FASTLR_INLINE friend Flushed operator*(Flushed a, Flushed b) {
    return rounded(Wide(a.value_) * b.value_);
  }
  FASTLR_INLINE friend Flushed operator/(Flushed a, Flushed b) {
    return rounded(Wide(a.value_) / b.value_);
  }
  FASTLR_INLINE friend bool operator<(Flushed a, Flushed b) { return a.value_ < b.value_; }

 private:
  // A binary32 product is exact in binary64 and a quotient is rounded as if once, so the comparison
  // below sees what the processor sees: it flushes what is tiny *after* rounding to 24 bits with an
  // unbounded exponent, hence the half unit below the smallest normal number. For binary64 there is
  // no wider type; the difference is one value in 2**53 of the tiny ones.
  using Wide = double;
  FASTLR_INLINE static Flushed rounded(Wide x) {
    if constexpr (std::numeric_limits<Real>::digits == 24) {
      constexpr double tiny = 0x1p-126 - 0x1p-151;
      if (std::fabs(x) < tiny) return std::copysign(Real(0), static_cast<Real>(x));
    }
    return static_cast<Real>(x);
  }

  Real value_ = 0;
};

template <class Number>
struct real_of {
  using type = Number;
};
template <class Real>
struct real_of<Flushed<Real>> {
  using type = Real;
};
/// float for float and Flushed<float>, double for double and Flushed<double>.
template <class Number>
using real_of_t = typename real_of<Number>::type;

/// a * b + c with one rounding.
FASTLR_INLINE float fma_of(float a, float b, float c) {
#if defined(__MINGW32__) && !defined(__FMA__)
  // The C library of MinGW rounds twice: a seventh of inverse time decays under XLA differed.
  // The product is exact in binary64. Its sum with c is rounded to odd, that is, the last bit says
  // whether something was cut off, so that rounding it once more is right (Boldo and Melquiond).
  const double product = static_cast<double>(a) * b, sum = product + c;
  const double of_c = sum - product, rest = (product - (sum - of_c)) + (c - of_c);
  std::uint64_t bits;
  std::memcpy(&bits, &sum, sizeof bits);
  if (std::isfinite(sum) && rest != 0 && (bits & 1) == 0) bits += (rest > 0) == (sum > 0) ? 1 : -1;
  double rounded_to_odd;
  std::memcpy(&rounded_to_odd, &bits, sizeof rounded_to_odd);
  return static_cast<float>(rounded_to_odd);
#else
  return std::fma(a, b, c);
#endif
}
FASTLR_INLINE double fma_of(double a, double b, double c) { return std::fma(a, b, c); }

template <class Number>
FASTLR_INLINE Number fused(Number a, Number b, Number c) {
  using Real = real_of_t<Number>;
  return Number(fma_of(Real(a), Real(b), Real(c)));
}

/// Functions of the C library.
template <class Number>
FASTLR_INLINE Number floored(Number x) {
  return Number(std::floor(real_of_t<Number>(x)));
}
template <class Number>
FASTLR_INLINE Number ceiled(Number x) {
  return Number(std::ceil(real_of_t<Number>(x)));
}
template <class Number>
FASTLR_INLINE Number square_root(Number x) {
  return Number(std::sqrt(real_of_t<Number>(x)));
}
template <class Number>
FASTLR_INLINE Number power(Number x, Number y) {
  return Number(std::pow(real_of_t<Number>(x), real_of_t<Number>(y)));
}
template <class Number>
FASTLR_INLINE Number logarithm(Number x) {
  return Number(std::log(real_of_t<Number>(x)));
}

/// The smaller of the two; NaN if `a` is NaN, as TensorFlow's Minimum gives.
template <class Number>
FASTLR_INLINE Number minimum(Number a, Number b) {
  return b < a ? b : a;
}

}  // namespace fastlr::core
