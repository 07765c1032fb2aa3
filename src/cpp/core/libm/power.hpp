// powf with the bits of the C library, in parts, so that a schedule whose base or exponent is
// constant computes only what changes.
//
// glibc 2.28 and later evaluate powf(x, y) in double as 2^(y * log2(x)): log2 from a table of 16
// intervals and a polynomial, 2^ from a table of 32 powers and a cubic. Constants and order of
// operations are from Arm's optimized-routines (math/powf.c, powf_log2_data.c, exp2f_data.c, MIT).
//
// On a processor with FMA and AVX2 glibc runs a variant in which these operations are fused, and
// the variants differ in about one value in 10**9. The functions here are the fused variant: they
// serve the AVX2 and AVX-512 kernels, where the C library of this process runs it too
// (`library_power_is_fused`). Everything else calls the C library.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

#include "../arithmetic/instruction_sets.hpp"

namespace fastlr::core::powf {

inline constexpr int log2_intervals = 16;
inline constexpr int exp2_entries = 32;

// 1/c and log2(c) for a c near the middle of each interval of [0x1.66p-1, 0x1.66p0).
alignas(64) inline constexpr double inverse[log2_intervals] = {
    0x1.661ec79f8f3bep+0, 0x1.571ed4aaf883dp+0,
    0x1.49539f0f010bp+0,  0x1.3c995b0b80385p+0,
    0x1.30d190c8864a5p+0, 0x1.25e227b0b8eap+0,
    0x1.1bb4a4a1a343fp+0, 0x1.12358f08ae5bap+0,
    0x1.0953f419900a7p+0, 0x1p+0,
    0x1.e608cfd9a47acp-1, 0x1.ca4b31f026aap-1,
    0x1.b2036576afce6p-1, 0x1.9c2d163a1aa2dp-1,
    0x1.886e6037841edp-1, 0x1.767dcf5534862p-1};
alignas(64) inline constexpr double log2_of_centre[log2_intervals] = {
    -0x1.efec65b963019p-2, -0x1.b0b6832d4fca4p-2,
    -0x1.7418b0a1fb77bp-2, -0x1.39de91a6dcf7bp-2,
    -0x1.01d9bf3f2b631p-2, -0x1.97c1d1b3b7afp-3,
    -0x1.2f9e393af3c9fp-3, -0x1.960cbbf788d5cp-4,
    -0x1.a6f9db6475fcep-5, 0,
    0x1.338ca9f24f53dp-4,  0x1.476a9543891bap-3,
    0x1.e840b4ac4e4d2p-3,  0x1.40645f0c6651cp-2,
    0x1.88e9c2c1b9ff8p-2,  0x1.ce0a44eb17bccp-2};

// bits of 2^(i/32), less i << 47: adding the integer k << 47 gives 2^(k/32).
alignas(64) inline constexpr std::uint64_t exp2_bits[exp2_entries] = {
    0x3ff0000000000000, 0x3fefd9b0d3158574, 0x3fefb5586cf9890f, 0x3fef9301d0125b51,
    0x3fef72b83c7d517b, 0x3fef54873168b9aa, 0x3fef387a6e756238, 0x3fef1e9df51fdee1,
    0x3fef06fe0a31b715, 0x3feef1a7373aa9cb, 0x3feedea64c123422, 0x3feece086061892d,
    0x3feebfdad5362a27, 0x3feeb42b569d4f82, 0x3feeab07dd485429, 0x3feea47eb03a5585,
    0x3feea09e667f3bcd, 0x3fee9f75e8ec5f74, 0x3feea11473eb0187, 0x3feea589994cce13,
    0x3feeace5422aa0db, 0x3feeb737b0cdc5e5, 0x3feec49182a3f090, 0x3feed503b23e255d,
    0x3feee89f995ad3ad, 0x3feeff76f2fb5e47, 0x3fef199bdd85529c, 0x3fef3720dcef9069,
    0x3fef5818dcfba487, 0x3fef7c97337b9b5f, 0x3fefa4afa2a490da, 0x3fefd0765b6e4540};

/// log2 of z * 2^exponent with the table entry of z's interval, as powf computes it.
FASTLR_INLINE double log2_near(float z, double inverse_centre, double log2_start) {
  const double r = std::fma(static_cast<double>(z), inverse_centre, -1.0);
  const double r2 = r * r;
  const double high = std::fma(0x1.27616c9496e0bp-2, r, -0x1.71969a075c67ap-2);
  const double middle = std::fma(0x1.ec70a6ca7baddp-2, r, -0x1.7154748bef6c8p-1);
  const double low = std::fma(0x1.71547652ab82bp0, r, log2_start);
  return std::fma(high, r2 * r2, std::fma(middle, r2, low));
}

/// The table entry of an interval, for all floats in it.
class Log2Entry {
 public:
  FASTLR_INLINE explicit Log2Entry(float x) {
    const std::uint32_t offset = bits_of(x) - first_interval;
    // 64 bits: GCC 12 has no vector type for a 32-bit index into a table of doubles.
    const std::uint64_t i = (static_cast<std::uint64_t>(offset) >> 19) & (log2_intervals - 1);
    exponent_bits_ = offset & 0xff800000u;
    inverse_ = inverse[i];
    start_ = log2_of_centre[i] + static_cast<double>(static_cast<std::int32_t>(offset) >> 23);
  }

  /// log2 of a float in this interval.
  FASTLR_INLINE double log2(float x) const {
    const std::uint32_t scaled = bits_of(x) - exponent_bits_;
    float z;
    std::memcpy(&z, &scaled, sizeof z);
    return log2_near(z, inverse_, start_);
  }

  static constexpr std::uint32_t first_interval = 0x3f330000u;

  FASTLR_INLINE static std::uint32_t bits_of(float x) {
    std::uint32_t bits;
    std::memcpy(&bits, &x, sizeof bits);
    return bits;
  }

 private:
  std::uint32_t exponent_bits_;
  double inverse_, start_;
};

/// log2 of a positive normal float.
FASTLR_INLINE double log2(float x) { return Log2Entry(x).log2(x); }

/// Number of the interval of a positive normal float. It does not decrease as x increases.
FASTLR_INLINE std::int32_t log2_interval(float x) {
  return static_cast<std::int32_t>(Log2Entry::bits_of(x) - Log2Entry::first_interval) >> 19;
}

/// The smallest float of an interval.
FASTLR_INLINE float start_of_log2_interval(std::int32_t interval) {
  const std::uint32_t bits =
      (static_cast<std::uint32_t>(interval) << 19) + Log2Entry::first_interval;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline constexpr double exp2_shift = 0x1.8p52 / exp2_entries;

/// x rounded to a multiple of 1/32, as powf rounds it; |x| < 2**40.
FASTLR_INLINE double nearest_exp2_multiple(double x) {
  const double shifted = x + exp2_shift;
  return shifted - exp2_shift;
}

/// 2^(multiple of 1/32) where the result is a normal double.
FASTLR_INLINE double exp2_of_multiple(double multiple) {
  const double shifted = multiple + exp2_shift;
  std::uint64_t k;
  std::memcpy(&k, &shifted, sizeof k);
  const std::uint64_t bits = exp2_bits[k & (exp2_entries - 1)] + (k << 47);
  double scale;
  std::memcpy(&scale, &bits, sizeof scale);
  return scale;
}

/// 2^x for an x whose nearest multiple of 1/32 is known, and scale = 2^multiple; rounded to float.
FASTLR_INLINE float exp2_near(double x, double multiple, double scale) {
  const double r = x - multiple;
  const double high = std::fma(0x1.c6af84b912394p-5, r, 0x1.ebfce50fac4f3p-3);
  const double low = std::fma(0x1.62e42ff0c52d6p-1, r, 1.0);
  return static_cast<float>(std::fma(high, r * r, low) * scale);
}

/// 2^x where the result is a normal float.
FASTLR_INLINE float exp2(double x) {
  const double multiple = nearest_exp2_multiple(x);
  return exp2_near(x, multiple, exp2_of_multiple(multiple));
}

/// Whether powf of the C library is the fused variant: asked with arguments that tell them apart.
bool library_power_is_fused();

}  // namespace fastlr::core::powf
