// The core from inside: on every instruction set and in every execution mode, ranges and arrays of
// each schedule against its own single steps, which call the C library. The sanitizers watch.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "arithmetic/constant_division.hpp"
#include "evaluation/cosine_blocks.hpp"
#include "evaluation/driver.hpp"
#include "evaluation/shared_schedule.hpp"

namespace {

using namespace fastlr::core;

#ifdef FASTLR_FEWER_SAMPLES  // sanitizers make all ten times slower, and it is the same code each
                             // time
const std::vector<double> decay_steps = {2.5, 4000.0};
constexpr std::size_t stride_of_single_steps = 5;
constexpr int block_configurations = 5;
#else
const std::vector<double> decay_steps = {1.0, 2.5, 100.0, 4000.0, 1e6};
constexpr std::size_t stride_of_single_steps = 1;
constexpr int block_configurations = 30;
#endif

int reported = 0;

bool same(float a, float b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b)) ||
         (a == 0 && b == 0);
}

void compare(const std::string& what, float ours, float theirs, double step) {
  if (same(ours, theirs) || ++reported > 20) return;
  ADD_FAILURE() << what << " at step " << step << ": " << ours << " instead of " << theirs;
}

void check(const std::string& name, const AnySchedule<float>& schedule) {
  const StepRange ranges[] = {
      {-40, 1, 6000},
      {6000, -7, 900},
      {(std::int64_t{1} << 24) - 300, 1, 600},
      {0, 9973, 3000},
      {8392700, 1, 10},
      {11687830, 1, 10},
      {2731170, 1, 10},
      {-9000001, 10007, 1799},
      {16777215, -16777217, 2},
      {(std::int64_t{1} << 53) - 50, 1, 100},
      {std::numeric_limits<std::int64_t>::min(), std::int64_t{1} << 60, 16}};
  for (const StepRange& range : ranges) {
    std::vector<float> table(static_cast<std::size_t>(range.count)), array(table);
    std::vector<std::int64_t> steps;
    for (std::int64_t i = 0; i < range.count; ++i) steps.push_back(range[i]);
    schedule.range(range, table.data(), 2, 2, nullptr);
    std::shuffle(steps.begin(), steps.end(), std::mt19937(1));
    schedule.array(StepType::int64, steps.data(), range.count, array.data(), 1, 1, nullptr);
    for (std::size_t i = 0; i < steps.size(); i += stride_of_single_steps) {
      const std::int64_t step = range[static_cast<std::int64_t>(i)];
      compare(name + ", range", table[i], schedule.at(step), static_cast<double>(step));
      compare(name + ", array", array[i], schedule.at(steps[i]), static_cast<double>(steps[i]));
    }
  }
  std::vector<float> special = {0.25f, -0.75f, 1e-40f, -1e-40f, 1e30f,
                                3e38f, -3e38f, 1e-25f, -0.0f};
  special.push_back(std::numeric_limits<float>::quiet_NaN());
  special.push_back(std::numeric_limits<float>::infinity());
  special.push_back(-std::numeric_limits<float>::infinity());
  std::vector<float> out(special.size());
  schedule.array(StepType::float32, special.data(), static_cast<std::int64_t>(special.size()),
                 out.data(), 1, 1, nullptr);
  for (std::size_t i = 0; i < special.size(); ++i) {
    compare(name + ", float", out[i], schedule.at_real(special[i]),
            static_cast<double>(special[i]));
  }
}

template <class Arguments>
void check_modes(const std::string& name, const Arguments& arguments) {
  for (const ExecutionId mode : {ExecutionId::eager, ExecutionId::graph, ExecutionId::xla}) {
    const auto schedule = make_schedule<float>(mode, arguments);
    check(name + ", mode " + std::to_string(static_cast<int>(mode)), schedule);
  }
  const auto wide = make_schedule<double>(ExecutionId::eager, arguments);
  std::vector<double> table(100);
  wide.range({-10, 3, 100}, table.data(), 1, 1, nullptr);
}

class Core : public testing::TestWithParam<IsaId> {
 protected:
  void SetUp() override { set_isa(isa); }
  void TearDown() override { set_isa("auto"); }
  const std::string isa = isa_name(GetParam());
};
INSTANTIATE_TEST_SUITE_P(OnEach, Core, testing::ValuesIn(usable_isas()),
                         [](const auto& isa) { return std::string(isa_name(isa.param)); });

Part part_of(Arguments arguments) {
  return std::make_shared<const SharedSchedule>(std::move(arguments));
}

TEST_P(Core, BulkOfCompositionsIsSingleSteps) {
  const Part cosine = part_of(CosineDecayArguments{0.1, 1000}),
             vanishing = part_of(ExponentialDecayArguments{0.1, 10, 0.1}),
             constant = part_of(ConstantArguments{1e-38}),
             table = part_of(TableArguments{{0.3, 1e-40, 0.2, -0.1}}),
             piecewise = part_of(PiecewiseConstantDecayArguments{{100, 2000.5}, {0.3, 0.2, 0.1}});
  const Part joined = part_of(
      JoinArguments{{piecewise, cosine, table, vanishing, constant}, {-5, 100, 1000, 1 << 24}});
  const Part twenty = part_of(JoinArguments{std::vector<Part>(20, cosine),
                                            {0, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 600,
                                             700, 800, 900, 1000, 2000, 3000, 4000}});
  for (const Part& part : {joined, twenty, table, constant}) {
    check_modes(isa + ", part", part->arguments());
    for (const double factor : {0.5, -3.0, 1e-38, 0.0}) {
      check_modes(isa + ", scale", Arguments(ScaleArguments{part, factor}));
    }
    for (const std::int64_t steps : {-7, 1 << 24}) {
      check_modes(isa + ", shift", Arguments(ShiftArguments{part, steps}));
    }
    check_modes(isa + ", clip", Arguments(ClipArguments{part, 0.01, 0.05}));
  }
}

TEST_P(Core, BulkIsSingleSteps) {
  for (const double steps : decay_steps) {
    const std::string name = isa + ", decay_steps " + std::to_string(steps) + ", ";
    for (const double alpha : {0.0, 0.3}) {
      check_modes(name + "cosine", CosineDecayArguments{0.1, steps, alpha});
      check_modes(name + "warmup", CosineDecayArguments{0.0, steps, alpha, {}, 0.1, 777.0});
      for (const double t : {0.8, 1.0, 1.0001, 1.5, 2.0}) {
        for (const double m : {1.0, 0.9, 1e-30}) {
          check_modes(name + "restarts, t_mul " + std::to_string(t),
                      CosineDecayRestartsArguments{0.1, steps, t, m, alpha});
        }
      }
    }
    check_modes(name + "inverse square root", InverseSquareRootDecayArguments{0.1, steps});
    for (const bool flag : {false, true}) {
      for (const double rate : {0.96, 0.5, 1.5, 0.0, -0.5, 1e30}) {
        check_modes(name + "exponential", ExponentialDecayArguments{0.1, steps, rate, flag});
        check_modes(name + "inverse time", InverseTimeDecayArguments{0.1, steps, rate, flag});
      }
      for (const double power : {1.0, 0.9, 0.5, 2.0, 3.0, 3.9, -0.5, -1.0, 0.0, 40.0}) {
        check_modes(name + "polynomial", PolynomialDecayArguments{0.1, steps, 1e-4, power, flag});
      }
    }
  }
  // Where products and sums of what is left vanish.
  for (const double power : {2.0, 2.8, 3.0, 3.5}) {
    for (const double rate : {0.1, 32136216.0, 0x1p-40, 1e3, 1e-3}) {
      for (const double steps : {8392705.0, 11687838.0, 2731176.0, 1e-32}) {
        check_modes(isa + ", polynomial that vanishes",
                    PolynomialDecayArguments{rate, steps, 0.0, power, false});
      }
    }
  }
  check_modes(isa + ", polynomial, t infinite",
              PolynomialDecayArguments{1.0, 1e-32, 0.0, 0.5, false});
  check_modes(isa + ", restarts, no height",
              CosineDecayRestartsArguments{1e-20, 10, 2.0, 0.0, 1e-20});
  check_modes(isa + ", stairs that vanish", InverseTimeDecayArguments{1.0, 3e38, 0.5, true});
  check_modes(isa + ", stairs that vanish", ExponentialDecayArguments{0.1, 1e38, 0.99999994, true});
  check_modes("piecewise", PiecewiseConstantDecayArguments{{10, 2000}, {0.3, 0.2, 0.1}});
  check_modes("piecewise, unsorted", PiecewiseConstantDecayArguments{{20, 10}, {0.3, 0.2, 0.1}});
  check_modes("piecewise, constant", PiecewiseConstantDecayArguments{{}, {0.3}});
}

/// Long ranges, evaluated in binary32 blocks, against the same steps in an order that is no range,
/// evaluated one by one in double.
TEST_P(Core, BlocksAreSingleSteps) {
  std::mt19937 random(20);
  std::uniform_real_distribution<double> magnitude(4.7, 7.3), part(0.0, 1.0);
  for (int i = 0; i < block_configurations; ++i) {
    const double steps = std::floor(std::pow(10.0, magnitude(random))) + (i % 5 == 0 ? 0.3 : 0.0);
    const std::string name = isa + ", blocks, " + std::to_string(steps);
    const double alpha = i % 3 == 0 ? 0.0 : part(random);
    for (const ExecutionId mode : {ExecutionId::eager, ExecutionId::graph, ExecutionId::xla}) {
      const auto decay = make_schedule<float>(
          mode, CosineDecayArguments{part(random),
                                     steps,
                                     alpha,
                                     {},
                                     i % 2 == 0 ? std::nullopt : std::optional<double>(0.5),
                                     std::floor(part(random) * 1e5)});
      const auto restarts = make_schedule<float>(
          mode, CosineDecayRestartsArguments{part(random), steps / 8, 1.0 + part(random) * i / 20,
                                             0.9, alpha});
      for (const auto* schedule : {&decay, &restarts}) {
        const auto first = static_cast<std::int64_t>(part(random) * steps);
        const StepRange range{first, i % 7 == 0 ? -3 : 1, 1 << 16};
        std::vector<float> table(std::size_t{1} << 16), array(table);
        std::vector<std::int64_t> shuffled;
        for (std::int64_t k = 0; k < range.count; ++k) shuffled.push_back(range[k ^ 1]);
        schedule->range(range, table.data(), 1, 1, nullptr);
        schedule->array(StepType::int64, shuffled.data(), range.count, array.data(), 1, 1, nullptr);
        for (std::size_t k = 0; k < table.size(); ++k) {
          compare(name, table[k], array[k ^ 1],
                  static_cast<double>(range[static_cast<std::int64_t>(k)]));
        }
      }
    }
  }
}

/// Blocks whose steps are so far apart that all are doubtful: each falls back to the formula.
template <class Isa>
void check_doubtful_blocks() {
  for (const float per_step : {0.01f, 0.002f, 1e-4f}) {
    const auto angle = [per_step](float step) { return 0.8f + per_step * step; };
    const auto formula = cosine_formula<Isa>(
        cosf::quadrant_1, angle, angle, [](float raised) { return 0.1f * raised; }, false);
    for (const std::int32_t units : {1, 2, 4}) {
      std::vector<float> rates(128);
      cosf::fill_blocks<128>(formula, units, 0.0f, 1.0f, 128, rates.data());
      for (std::size_t i = 0; i < rates.size(); ++i) {
        const auto step = static_cast<float>(i);
        compare("doubtful blocks", rates[i], formula(step), static_cast<double>(step));
      }
    }
  }
}

/// Quotients as two operations, where they are declared proven.
TEST(Divisors, GiveTheQuotient) {
  std::mt19937 random(21);
  std::uniform_real_distribution<double> magnitude(0.0, 8.0);
  int proven = 0;
  for (int i = 0; i < 60; ++i) {
    const double value = std::pow(10.0, magnitude(random));
    const auto d = static_cast<float>(i % 2 == 0 ? std::floor(value) : value);
    const ConstantDivisor<float> divisor(d);
    if (!divisor.is_proven()) continue;
    ++proven;
    const std::string name = "quotient by " + std::to_string(d);
    for (std::uint32_t step = 0; step < 1u << 24;
         step += 1 + static_cast<std::uint32_t>(random() % 64)) {
      const auto s = static_cast<float>(step);
      compare(name, divisor.quotient<Avx2>(s), s / d, static_cast<double>(s));
    }
  }
  EXPECT_GT(proven, 40);
  EXPECT_FALSE(ConstantDivisor<float>(12345601.0f).is_proven());  // the check is not always true
}

/// Nothing else than the concept names is needed of a schedule.
TEST(ScheduleConcept, ModelIsEvaluated) {
  const ScheduleModel model;
  const Kernels<float>& kernels = PieceDriver<Baseline, ScheduleModel>::kernels;
  const std::vector<float> expected(100, 0.1f);
  std::vector<float> rates(100);
  kernels.range(&model, {-10, 3, 100}, rates.data());
  EXPECT_EQ(rates, expected);
  const std::vector<double> steps(100, 2.5);
  kernels.array(&model, StepType::float64, steps.data(), steps.size(), rates.data());
  EXPECT_EQ(rates, expected);
  EXPECT_EQ(kernels.scalar(&model, 7), 0.1f);
}

TEST(Blocks, FallBackWhereDoubtful) {
  check_doubtful_blocks<Baseline>();
  check_doubtful_blocks<Avx2>();
}

}  // namespace
