// Any curve that exists as an array of rates, which Keras does not have.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include "../arithmetic/flush_to_zero.hpp"
#include "../evaluation/steps.hpp"
#include "argument_checks.hpp"
#include "arguments.hpp"

namespace fastlr::core {

template <class Real>
class Table;

struct TableArguments {
  static constexpr const char* class_name = "Table";
  static constexpr const char* module = fastlr_module;
  template <class Real, class>  // the same in every execution mode
  using Schedule = Table<Real>;

  std::vector<double> values;
  Name name = class_name;

  template <class Self, class Visit>
  static void each(Self& self, Visit visit) {
    visit("values", self.values, Given::always);
    visit("name", self.name, Given::optionally);
  }
  template <class Visit>
  void each_derived(Visit) {}
};

/// The value at a step, cut towards zero; before the first step the first, after the last the last.
template <class Real>
class Table {
 public:
  explicit Table(const TableArguments& p) {
    if (p.values.empty()) {
      throw std::invalid_argument("Argument `values` must not be empty. Received: values=[]");
    }
    rates_.reserve(p.values.size());
    for (const double value : p.values) rates_.push_back(flush(finite<Real>("values", value)));
  }

  Real at(std::int64_t step) const {
    return rates_[static_cast<std::size_t>(std::clamp(step, std::int64_t{0}, last()))];
  }

  /// NaN where the step is NaN.
  Real at_real(Real step) const {
    if (step != step) return step;
    constexpr auto beyond = Real(0x1p62);
    return at(static_cast<std::int64_t>(std::clamp(step, -beyond, beyond)));
  }

  void range(StepRange steps, Real* out) const {
    if (steps.stride != 1) {
      for (std::int64_t i = 0; i < steps.count; ++i) out[i] = at(steps[i]);
      return;
    }
    // What is before the table, within it, and after it.
    const std::int64_t first = std::clamp(steps.start, -steps.count, last() + 1);
    const std::int64_t before = std::max(-first, std::int64_t{0}), from = first + before;
    const std::int64_t within = std::min(last() + 1 - from, steps.count - before);
    out = std::fill_n(out, before, rates_.front());
    out = std::copy_n(rates_.data() + from, within, out);
    std::fill_n(out, steps.count - before - within, rates_.back());
  }

  void array(StepType type, const void* steps, std::size_t count, Real* out) const {
    in_step_blocks<Real>(type, steps, count, [&](auto block, std::size_t size, std::size_t first) {
      fill_block(block, size, out + first);
    });
  }

 private:
  std::int64_t last() const { return static_cast<std::int64_t>(rates_.size()) - 1; }
  template <class Step>
  FASTLR_NOINLINE void fill_block(const Step* steps, std::size_t count, Real* out) const {
    for (std::size_t i = 0; i < count; ++i) out[i] = at_any(steps[i]);
  }
  Real at_any(std::int64_t step) const { return at(step); }
  Real at_any(Real step) const { return at_real(step); }

  std::vector<Real> rates_;
};

}  // namespace fastlr::core
