// Compiled once per instruction set, with FASTLR_ISA set to its tag.
#include "kernels.hpp"

#include "../schedules/all.hpp"
#include "block_loops.hpp"
#include "driver.hpp"

namespace fastlr::core {
namespace {
/// What is instantiated for this tag has no symbol that another file could see.
struct Here : FASTLR_ISA {};
}  // namespace

template <class Isa, class Arguments>
const Kernels<float>& bulk_kernels(ExecutionId execution) {
  const auto in = [](auto mode) -> const Kernels<float>& {
    return PieceDriver<Here, typename Arguments::template Schedule<float, decltype(mode)>>::kernels;
  };
  switch (execution) {
    case ExecutionId::graph:
      return in(Graph());
    case ExecutionId::xla:
      return in(Xla());
    default:
      return in(Eager());
  }
}

template <class Isa, class Real>
const BlockLoops<Real>& block_loops_in() {
  return LoopsIn<Here, Real>::loops;
}
template const BlockLoops<float>& block_loops_in<FASTLR_ISA, float>();
template const BlockLoops<double>& block_loops_in<FASTLR_ISA, double>();

#define FASTLR_INSTANTIATE(Schedule) \
  template const Kernels<float>& bulk_kernels<FASTLR_ISA, Schedule##Arguments>(ExecutionId);
FASTLR_SCHEDULES(FASTLR_INSTANTIATE)
#undef FASTLR_INSTANTIATE

}  // namespace fastlr::core
