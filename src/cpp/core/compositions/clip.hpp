// A schedule within bounds.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <sstream>
#include <stdexcept>

#include "../evaluation/block_loops.hpp"
#include "../schedules/argument_checks.hpp"
#include "rate_map.hpp"

namespace fastlr::core {

template <class Real>
class Clip;

struct ClipArguments {
  static constexpr const char* class_name = "Clip";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>
  using Schedule = Clip<Real>;

  Part schedule;
  std::optional<double> minimum = std::nullopt, maximum = std::nullopt;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("schedule", self.schedule, Given::always);
    visit("minimum", self.minimum, Given::optionally);
    visit("maximum", self.maximum, Given::optionally);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

/// A bound that is left out is infinite.
template <class Real>
class Clip : public RateMap<Real, Clip<Real>> {
 public:
  Clip(const ClipArguments& p, ExecutionId execution)
      : RateMap<Real, Clip>(make_part<Real>("schedule", p.schedule, execution)) {
    if (p.minimum) minimum_ = flush(finite<Real>("minimum", *p.minimum));
    if (p.maximum) maximum_ = flush(finite<Real>("maximum", *p.maximum));
    if (minimum_ > maximum_) {
      std::ostringstream message;
      message << "Argument `minimum` must not be above `maximum`. Received: minimum=" << minimum_
              << ", maximum=" << maximum_;
      throw std::invalid_argument(message.str());
    }
  }

  Real mapped(Real rate) const { return clipped(minimum_, maximum_, rate); }
  void map(Real* rates, std::size_t count) const {
    block_loops<Real>().clip(minimum_, maximum_, rates, count);
  }

 private:
  static constexpr Real infinity = std::numeric_limits<Real>::infinity();
  Real minimum_ = -infinity, maximum_ = infinity;
};

}  // namespace fastlr::core
