// Keras's execution modes as arithmetic. TensorFlow's graph optimiser and XLA replace division by a
// constant with multiplication by its reciprocal; XLA also contracts a product and a sum into one
// fused operation, wherever the processor has it. docs/exactness.md has the formulas that result.
#pragma once

#include "flush_to_zero.hpp"

namespace fastlr::core {

enum class ExecutionId { eager, graph, xla };

struct Eager {
  static constexpr ExecutionId id = ExecutionId::eager;
  static constexpr bool folds = false, contracts = false;
};
struct Graph {
  static constexpr ExecutionId id = ExecutionId::graph;
  static constexpr bool folds = true, contracts = false;
};
struct Xla {
  static constexpr ExecutionId id = ExecutionId::xla;
  static constexpr bool folds = true, contracts = true;
};

/// dividend / divisor, or dividend * reciprocal where the mode folds.
template <class Execution, class Number, class Constant>
FASTLR_INLINE Number quotient(Number dividend, Constant divisor, Constant reciprocal) {
  if constexpr (Execution::folds) {
    return dividend * reciprocal;
  } else {
    return dividend / divisor;
  }
}

/// a * b + c, fused where the mode contracts.
template <class Execution, class Number>
FASTLR_INLINE Number contracted(Number a, Number b, Number c) {
  if constexpr (Execution::contracts) {
    return fused(a, b, c);
  } else {
    return a * b + c;
  }
}

}  // namespace fastlr::core
