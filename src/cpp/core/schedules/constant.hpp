// One rate at every step, which Keras does not have.
#pragma once

#include <cstddef>

#include "../arithmetic/flush_to_zero.hpp"
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

/// For the look-up driver: one interval.
template <class Real>
class Constant {
 public:
  explicit Constant(const ConstantArguments& p)
      : rate_(flush(finite<Real>("learning_rate", p.learning_rate))) {}

  template <class Step>
  Real at(Step) const {
    return rate_;
  }

  std::size_t interval(std::int64_t) const { return 0; }
  Real rate_of(std::size_t) const { return rate_; }

 private:
  Real rate_;
};

}  // namespace fastlr::core
