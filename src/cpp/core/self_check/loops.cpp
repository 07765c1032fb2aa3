// Compiled once per instruction set, with FASTLR_ISA set to its tag.
#include "loops.hpp"

#include "../libm/cosine.hpp"
#include "../libm/power.hpp"

namespace fastlr::core {

template <class Isa>
void cosine_in_bulk(CosineForm form, const float* __restrict angles, std::size_t count,
                    float* __restrict out) {
  const auto loop = [&](auto function) {
    for (std::size_t i = 0; i < count; ++i) out[i] = function(angles[i]);
  };
  if (form == CosineForm::by_quadrant) {
    // The angles are consecutive floats: all but two blocks lie in one quadrant.
    const int first = cosf::quadrant(angles[0]);
    if (first != cosf::quadrant(angles[count - 1]))
      return loop([](float y) { return cosine<Isa>(y); });
    if (first == 0)
      return loop([](float y) { return cosf::in_quadrant<Isa>(y, cosf::quadrant_0); });
    if (first == 1)
      return loop([](float y) { return cosf::in_quadrant<Isa>(y, cosf::quadrant_1); });
    return loop([](float y) { return cosf::in_quadrant<Isa>(y, cosf::quadrant_2); });
  }
  for (std::size_t i = 0; i < count; ++i) {
    const int quadrant = cosf::quadrant(angles[i]);
    out[i] = cosf::in_any_quadrant<Isa>(angles[i], quadrant >= 1, quadrant >= 2);
  }
}
template void cosine_in_bulk<FASTLR_ISA>(CosineForm, const float*, std::size_t, float*);

template <class Isa>
void power_of_in_bulk(double log2_base, const float* __restrict exponents, std::size_t count,
                      float* __restrict out) {
  if constexpr (Isa::fma) {
    for (std::size_t i = 0; i < count; ++i) {
      out[i] = powf::exp2(static_cast<double>(exponents[i]) * log2_base);
    }
  }
}
template void power_of_in_bulk<FASTLR_ISA>(double, const float*, std::size_t, float*);

template <class Isa>
void power_to_in_bulk(double exponent, const float* __restrict bases, std::size_t count,
                      float* __restrict out) {
  if constexpr (Isa::fma) {
    for (std::size_t i = 0; i < count; ++i) out[i] = powf::exp2(exponent * powf::log2(bases[i]));
  }
}
template void power_to_in_bulk<FASTLR_ISA>(double, const float*, std::size_t, float*);

}  // namespace fastlr::core
