// Steps as callers give them: ranges, and arrays of any type.
#pragma once

#include <cstddef>
#include <cstdint>

#include "../arithmetic/instruction_sets.hpp"

namespace fastlr::core {

/// The steps start, start + stride, ..., `count` of them; all of them fit std::int64_t.
struct StepRange {
  std::int64_t start;
  std::int64_t stride;
  std::int64_t count;

  /// Wrapping: index * stride alone may be beyond std::int64_t where the step itself is not.
  std::int64_t operator[](std::int64_t index) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(start) +
                                     static_cast<std::uint64_t>(index) *
                                         static_cast<std::uint64_t>(stride));
  }
  /// `length` steps from `first` on.
  StepRange slice(std::int64_t first, std::int64_t length) const {
    return {(*this)[first], stride, length};
  }
};

/// Types of step arrays that the core reads; the faces convert others to one of them first.
enum class StepType { int32, int64, uint64, float32, float64 };

constexpr std::size_t size_of(StepType type) {
  return type == StepType::int32 || type == StepType::float32 ? 4 : 8;
}

/// Calls use(pointer) with the pointer to steps in their type.
template <class Use>
FASTLR_INLINE void with_typed(StepType type, const void* steps, Use use) {
  switch (type) {
    case StepType::int32:
      return use(static_cast<const std::int32_t*>(steps));
    case StepType::int64:
      return use(static_cast<const std::int64_t*>(steps));
    case StepType::uint64:
      return use(static_cast<const std::uint64_t*>(steps));
    case StepType::float32:
      return use(static_cast<const float*>(steps));
    case StepType::float64:
      return use(static_cast<const double*>(steps));
  }
}

}  // namespace fastlr::core
