// A schedule whose rates are a function of those of another, at the same steps.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "part.hpp"

namespace fastlr::core {

/// Self has mapped(rate), and map(rates, count) for many in place.
template <class Real, class Self>
class RateMap {
 public:
  explicit RateMap(AnySchedule<Real> part) : part_(std::move(part)) {}

  Real at(std::int64_t step) const { return self().mapped(part_.at(step)); }
  Real at_real(Real step) const { return self().mapped(part_.at_real(step)); }

  // In blocks, whose rates stay in the cache until they are mapped.
  void range(StepRange steps, Real* out) const {
    for (std::int64_t first = 0; first < steps.count; first += block) {
      const std::int64_t size = std::min(block, steps.count - first);
      part_.fill(steps.slice(first, size), out + first);
      self().map(out + first, static_cast<std::size_t>(size));
    }
  }
  void array(StepType type, const void* steps, std::size_t count, Real* out) const {
    const auto* bytes = static_cast<const std::byte*>(steps);
    for (std::size_t first = 0; first < count; first += block) {
      const std::size_t size = std::min(static_cast<std::size_t>(block), count - first);
      part_.fill(type, bytes + first * size_of(type), size, out + first);
      self().map(out + first, size);
    }
  }

 private:
  static constexpr std::int64_t block = 1 << 13;

  const Self& self() const { return static_cast<const Self&>(*this); }

  AnySchedule<Real> part_;
};

}  // namespace fastlr::core
