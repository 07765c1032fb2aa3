#include "power.hpp"

namespace fastlr::core::powf {

bool library_power_is_fused() {
  // Found by the exhaustive comparison of the variants; the only arguments below 64 where they
  // differ for these bases. Volatile, so that no compiler answers in the library's place.
  static const bool fused = [] {
    volatile float base = 1.5f, exponent = 0x1.808f96p+5f;
    volatile float other_base = 0.9f, other_exponent = 0x1.624d3ap-2f;
    const auto ours = [](float x, float y) { return exp2(static_cast<double>(y) * log2(x)); };
    return std::pow(base, exponent) == ours(base, exponent) &&
           std::pow(other_base, other_exponent) == ours(other_base, other_exponent);
  }();
  return fused;
}

}  // namespace fastlr::core::powf
