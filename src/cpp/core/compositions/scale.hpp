// A schedule times a factor.
#pragma once

#include <cstddef>

#include "../evaluation/block_loops.hpp"
#include "../schedules/argument_checks.hpp"
#include "rate_map.hpp"

namespace fastlr::core {

template <class Real>
class Scale;

struct ScaleArguments {
  static constexpr const char* class_name = "Scale";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>
  using Schedule = Scale<Real>;

  Part schedule;
  double factor = 1;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("schedule", self.schedule, Given::always);
    visit("factor", self.factor, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

/// One rounding on top of the part's own.
template <class Real>
class Scale : public RateMap<Real, Scale<Real>> {
 public:
  Scale(const ScaleArguments& p, ExecutionId execution)
      : RateMap<Real, Scale>(make_part<Real>("schedule", p.schedule, execution)),
        factor_(flush(finite<Real>("factor", p.factor))) {}

  Real mapped(Real rate) const { return scaled(factor_, rate); }
  void map(Real* rates, std::size_t count) const {
    block_loops<Real>().scale(factor_, rates, count);
  }

 private:
  Real factor_;
};

}  // namespace fastlr::core
