// One rate at every step, which Keras does not have.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "../arithmetic/flush_to_zero.hpp"
#include "../evaluation/steps.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"

namespace fastlr::core {

template <class Real>
class Constant;

struct ConstantArguments {
  static constexpr const char* class_name = "Constant";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>  // the same in every execution mode
  using Schedule = Constant<Real>;

  double learning_rate = 0;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("learning_rate", self.learning_rate, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

template <class Real>
class Constant {
 public:
  explicit Constant(const ConstantArguments& p)
      : rate_(flush(finite<Real>("learning_rate", p.learning_rate))) {}

  Real at(std::int64_t) const { return rate_; }
  Real at_real(Real) const { return rate_; }

  void range(StepRange steps, Real* out) const { std::fill_n(out, steps.count, rate_); }
  void array(StepType, const void*, std::size_t count, Real* out) const {
    std::fill_n(out, count, rate_);
  }

 private:
  Real rate_;
};

}  // namespace fastlr::core
