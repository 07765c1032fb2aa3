// What the driver makes of a schedule: the functions that evaluate it, for one instruction set.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace fastlr::core {

/// The steps start, start + step, ..., `count` of them; all of them fit std::int64_t.
struct StepRange {
  std::int64_t start;
  std::int64_t step;
  std::int64_t count;

  /// Wrapping: index * step alone may be beyond std::int64_t where the step itself is not.
  std::int64_t operator[](std::int64_t index) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(start) +
                                     static_cast<std::uint64_t>(index) *
                                         static_cast<std::uint64_t>(step));
  }
  /// `length` steps from `first` on.
  StepRange slice(std::int64_t first, std::int64_t length) const {
    return {(*this)[first], step, length};
  }
};

/// Types of step arrays that the core reads; the faces convert others to one of them first.
enum class StepType { int32, int64, uint64, float32, float64 };

constexpr std::size_t size_of(StepType type) {
  return type == StepType::int32 || type == StepType::float32 ? 4 : 8;
}

/// `self` is the schedule object itself. `out` never overlaps `steps`.
template <class Real>
struct Kernels {
  Real (*scalar)(const void* self, std::int64_t step);
  Real (*scalar_real)(const void* self, Real step);
  void (*range)(const void* self, StepRange steps, Real* out);
  void (*array)(const void* self, StepType type, const void* steps, std::size_t count, Real* out);
};

enum class IsaId { baseline, avx2, avx512 };
inline constexpr std::size_t isa_count = 3;

/// Kernels of one schedule, indexed by IsaId.
template <class Real>
using KernelTable = std::array<const Kernels<Real>*, isa_count>;

/// Vectorised kernels of a binary32 schedule; defined in kernels.cpp, once per instruction set.
template <class Isa, class Schedule>
const Kernels<float>& bulk_kernels();

}  // namespace fastlr::core
