// What the driver makes of a schedule: the functions that evaluate it, for one instruction set.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "../arithmetic/execution.hpp"
#include "../arithmetic/instruction_sets.hpp"
#include "steps.hpp"

namespace fastlr::core {

/// `self` is the schedule object itself. `out` never overlaps `steps`.
template <class Real>
struct Kernels {
  Real (*scalar)(const void* self, std::int64_t step);
  Real (*scalar_real)(const void* self, Real step);
  void (*range)(const void* self, StepRange steps, Real* out);
  void (*array)(const void* self, StepType type, const void* steps, std::size_t count, Real* out);
};

/// Kernels of one schedule, indexed by IsaId.
template <class Real>
using KernelTable = std::array<const Kernels<Real>*, isa_count>;

/// Vectorised kernels of the binary32 schedule that some arguments are for; defined in kernels.cpp,
/// once per instruction set.
template <class Isa, class Arguments>
const Kernels<float>& bulk_kernels(ExecutionId execution);

}  // namespace fastlr::core
