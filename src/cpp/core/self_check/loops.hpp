// What the kernels of one instruction set compute themselves, for many arguments.
#pragma once

#include <cstddef>

namespace fastlr::core {

/// The two ways the kernels evaluate the cosine: the quadrant known, or selected per element.
enum class CosineForm { by_quadrant, selected };

template <class Isa>
void cosine_in_bulk(CosineForm form, const float* angles, std::size_t count, float* out);
template <class Isa>
void power_of_in_bulk(double log2_base, const float* exponents, std::size_t count, float* out);
template <class Isa>
void power_to_in_bulk(double exponent, const float* bases, std::size_t count, float* out);

}  // namespace fastlr::core
