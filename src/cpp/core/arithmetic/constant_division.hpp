// x / D for many binary32 x and one D as two operations: 1/D = high + low, x/D =
// x * high + x * low.
//
// A vector division occupies an Intel core for 16 cycles (16 lanes), as long as most of the work
// around it. Markstein's correction takes three operations and was slower than the division on Zen
// 4; a product in binary64 is always right and takes six (0.47 against 0.36 ns a cosine).
//
// Right for which D? Let D = m 2^b with m odd. A quotient q of a binary32 number by D is no
// midpoint of two floats, nor nearer to one than 2^-25/m of q: their difference is (M 2^(a-b) - k
// 2^c m) / m with k odd of 25 bits and q < 2^(c+25), where M < 2^24 makes a - b >= c, so the
// numerator is a multiple of 2^c, and it is not 0, as M has fewer bits than k. Hence the result is
// the quotient's rounding if all errors before the last rounding are smaller than that,
//
//   D |1/D - high - low| + 2^-24 D |low| < 2^-25 / m,
//
// which `is_proven` checks. It holds for every integer D below 6.8 million and for 84 % of those
// from there to 2^24.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "instruction_sets.hpp"

namespace fastlr::core {

template <class Real>
class ConstantDivisor {
 public:
  ConstantDivisor() = default;

  explicit ConstantDivisor(Real divisor) : divisor_(divisor), high_(Real(1) / divisor) {
    if constexpr (sizeof(Real) == 4) {
      // Exact: the product has 48 bits, and lies next to 1.
      const double rest = (1.0 - double{high_} * double{divisor}) / double{divisor};
      low_ = static_cast<Real>(rest);
      const double error = std::fabs(rest - double{low_}) + 0x1p-24 * std::fabs(double{low_});
      // In this range of D no product with a step or a fraction of one is subnormal.
      is_proven_ = divisor > Real(0x1p-40) && divisor < Real(0x1p40) &&
                   double{divisor} * error * odd_part(divisor) < 0x1p-25 * (1 - 0x1p-20);
    }
  }

  /// Whether `quotient` is exact on every instruction set.
  bool is_proven() const { return is_proven_; }

  template <class Isa>
  FASTLR_INLINE Real quotient(Real dividend) const {
    if constexpr (Isa::fma) {
      return std::fma(dividend, high_, dividend * low_);
    } else {
      return dividend / divisor_;
    }
  }

 private:
  /// m of x = m 2^b, m odd.
  static double odd_part(float x) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    std::uint32_t significand = (bits & 0x7fffffu) | 0x800000u;
    while (significand % 2 == 0) significand /= 2;
    return significand;
  }

  Real divisor_{}, high_{}, low_{};
  bool is_proven_ = false;
};

}  // namespace fastlr::core
