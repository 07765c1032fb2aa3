// Exhaustive comparison of the core's own functions with the C library of this machine.
#pragma once

#include <cstdint>

#include "../arithmetic/instruction_sets.hpp"
#include "../evaluation/threads.hpp"
#include "loops.hpp"

namespace fastlr::core {

struct Proof {
  std::uint64_t compared = 0;
  std::uint64_t different = 0;
  float first_difference = 0;  // smallest argument that differs, where any does
  bool stopped = false;
};

/// Compares the cosine with cosf for every float in [first, last], bit by bit.
Proof prove_cosine(IsaId isa, CosineForm form, float first, float last, StopRequested stop);

/// Compares base^p with powf(base, p) for every float p in [first, last] whose power is a normal
/// float; `isa` must have FMA, as the other kernels call the C library.
Proof prove_power_of(float base, IsaId isa, float first, float last, StopRequested stop);

/// Compares x^exponent with powf(x, exponent) for every normal float x in [first, last] whose power
/// is a normal float.
Proof prove_power_to(float exponent, IsaId isa, float first, float last, StopRequested stop);

/// Counts as different every float in (first, last] whose logarithm is below that of its neighbour.
Proof prove_monotone_logarithm(bool of_xla, float first, float last, StopRequested stop);

}  // namespace fastlr::core
