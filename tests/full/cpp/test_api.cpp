// What C and C++ users call. Python's tests compare the rates with Keras, and these with Python
// (tests/full/packaging/test_cmake.py); here CosineDecay is compared with the formula written out.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <fastlr/fastlr.hpp>
#include <limits>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace {

using fastlr::Execution;
using fastlr::Schedule;

constexpr Execution executions[] = {Execution::eager, Execution::graph, Execution::xla};

bool same(float a, float b) {
  return std::memcmp(&a, &b, sizeof a) == 0 || (std::isnan(a) && std::isnan(b));
}

bool same(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!same(a[i], b[i])) return false;
  }
  return true;
}

Schedule warmed_up() {
  return fastlr::Join({fastlr::PolynomialDecay(0.0, 100, 0.1), fastlr::CosineDecay(0.1, 1000),
                       fastlr::Constant(0.001)},
                      {100, 1100});
}

std::vector<Schedule> one_of_each() {
  return {fastlr::CosineDecay(0.1, 1000),
          fastlr::CosineDecay(0.0, 1000, 0.01, "warm", 0.1, 77),
          fastlr::CosineDecayRestarts(0.1, 100, 1.5, 0.9, 0.1),
          fastlr::ExponentialDecay(0.1, 100, 0.96, true),
          fastlr::InverseSquareRootDecay(0.1, 100),
          fastlr::InverseTimeDecay(0.1, 100, 0.5),
          fastlr::PolynomialDecay(0.1, 1000, 1e-4, 0.9, true),
          fastlr::PiecewiseConstantDecay({100, 200.5}, {0.3, 0.2, 0.1}),
          fastlr::Constant(0.01),
          fastlr::Table({0.3f, 0.2f, 0.1f}),
          warmed_up(),
          fastlr::Scale(warmed_up(), -0.5),
          fastlr::Shift(warmed_up(), -77),
          fastlr::Clip(fastlr::Shift(fastlr::Scale(warmed_up(), 2), 30), 0.01, 0.1)};
}

template <class Call>
std::string refusal_of(Call call) {
  try {
    call();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "was accepted";
}

#define EXPECT_REFUSAL(expression, part)                                   \
  EXPECT_NE(refusal_of([&] { expression; }).find(part), std::string::npos) \
      << refusal_of([&] { expression; })

// ---- Rates ----------------------------------------------------------------------------------

struct Formula {
  double initial, decay_steps, alpha;
  std::optional<double> target;
  double warmup_steps;

  float operator()(std::int64_t step) const {
    constexpr float pi = 3.14159274f;
    const auto lr = static_cast<float>(initial), d = static_cast<float>(decay_steps);
    const auto a = static_cast<float>(alpha), span = static_cast<float>(1.0 - alpha);
    const float w = target ? static_cast<float>(warmup_steps) : 0.0f;
    const float base = target ? static_cast<float>(*target) : lr;
    const float s = static_cast<float>(step), last = d + w, g = s < last ? s : last;
    if (target && g < w) return (base - lr) * (g / w) + lr;
    return base * (span * (0.5f * (1.0f + std::cos(pi * ((g - w) / d)))) + a);
  }

  Schedule schedule() const {
    return fastlr::CosineDecay(initial, decay_steps, alpha, std::nullopt, target, warmup_steps);
  }
};

void PrintTo(const Formula& formula, std::ostream* out) { *out << formula.schedule().to_json(); }

class CosineDecay : public testing::TestWithParam<Formula> {
 protected:
  void compare(std::int64_t start, std::int64_t stop, std::int64_t step, int threads) const {
    const Formula& formula = GetParam();
    const Schedule schedule = formula.schedule();
    std::vector<float> table(Schedule::length(start, stop, step));
    schedule.table(start, stop, step, table.data(), threads);
    std::size_t different = 0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      const std::int64_t at = start + static_cast<std::int64_t>(i) * step;
      different += !same(table[i], formula(at)) || !same(table[i], schedule(at));
    }
    EXPECT_EQ(different, 0u);
  }
};

TEST_P(CosineDecay, IsTheFormula) {
  compare(-100, 200'000, 1, 1);
  compare(200'000, -100, -7, 1);
  compare((1 << 24) - 300, (1 << 24) + 300, 1, 1);
  compare(-1'000'000'000'000, 1'000'000'000'000, 123'456'789, 2);
  compare(0, 300'000, 1, 3);
}

INSTANTIATE_TEST_SUITE_P(
    Formulas, CosineDecay,
    testing::Values(Formula{0.1, 1000, 0.0, std::nullopt, 0}, Formula{0.1, 1, 0.0, std::nullopt, 0},
                    Formula{0.1, 3, 0.5, std::nullopt, 0},
                    Formula{1e-8, 1e6, -0.1, std::nullopt, 0},
                    Formula{10.0, 1e9, 2.0, std::nullopt, 0}, Formula{0.0, 1000, 0.01, 0.1, 777},
                    Formula{0.1, 100000, 0.0, 0.5, 1}, Formula{0.1, 50, 1e-3, 0.5, 1e6 + 1},
                    Formula{0.3, 16777217, 1.0, std::nullopt, 0}));

TEST(Schedules, AreTheSameByStepArrayAndTable) {
  for (const Schedule& schedule : one_of_each()) {
    for (const Execution execution : executions) {
      std::vector<std::int64_t> steps;
      std::vector<float> single;
      for (std::int64_t step = -50; step < 3000; step += 7) {
        steps.push_back(step);
        single.push_back(schedule(step, execution));
      }
      EXPECT_TRUE(same(schedule(steps, execution), single)) << schedule.to_json();
      EXPECT_TRUE(same(schedule.table(-50, 3000, 7, execution), single)) << schedule.to_json();
      std::vector<float> array(single.size());
      schedule.evaluate(steps.data(), steps.size(), array.data(), 2, execution);
      EXPECT_TRUE(same(array, single));
    }
    EXPECT_TRUE(same(schedule.table(100), schedule.table(0, 100)));
  }
}

TEST(Schedules, TakeFractionalSteps) {
  const fastlr::CosineDecay cosine(0.1, 1000);
  // Python: fastlr.CosineDecay(0.1, 1000)(2.5), and of a step that is no float32.
  EXPECT_EQ(cosine(2.5), 0.0999984666705131531f);
  EXPECT_EQ(cosine(2.5f), cosine(2.5));
  EXPECT_EQ(cosine(333.3), cosine(333.3f));
  EXPECT_NE(cosine(2.5), cosine(2));
  EXPECT_EQ(fastlr::PiecewiseConstantDecay({2.25}, {1.0, 0.5})(2.5), 0.5f);
  EXPECT_TRUE(std::isnan(cosine(std::nan(""))));
  for (const Schedule& schedule : one_of_each()) {
    for (const Execution execution : executions) {
      for (const int step : {-3, 0, 1, 77, 100, 1500}) {
        EXPECT_TRUE(
            same(schedule(static_cast<double>(step), execution), schedule(step, execution)));
        EXPECT_TRUE(same(schedule(static_cast<float>(step), execution), schedule(step, execution)));
      }
    }
  }
  float rate = 7;
  fastlr_error error;
  EXPECT_EQ(fastlr_at_real(cosine.get(), 2.5, 3, &rate, &error), FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(fastlr_at_real(nullptr, 2.5, FASTLR_EAGER, &rate, &error), FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(fastlr_at_real(cosine.get(), 2.5, FASTLR_EAGER, nullptr, &error),
            FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(rate, 7);
}

template <class... Steps>
auto table_of(int, Steps... steps)
    -> decltype(std::declval<Schedule>().table(steps...), std::true_type());
template <class... Steps>
std::false_type table_of(long, Steps...);

static_assert(decltype(table_of(0, 5))::value);
static_assert(decltype(table_of(0, 0, 5u, std::int64_t{2}))::value);
static_assert(!decltype(table_of(0, 2.5))::value, "Python refuses it, too");
static_assert(!decltype(table_of(0, 0, 1e6f))::value);

TEST(Schedules, DifferBetweenExecutions) {
  const fastlr::CosineDecay schedule(0.1, 1003);  // a reciprocal that binary32 does not hold
  const std::vector<float> eager = schedule.table(1003);
  EXPECT_FALSE(same(eager, schedule.table(0, 1003, 1, Execution::graph)));
  EXPECT_FALSE(same(eager, schedule.table(0, 1003, 1, Execution::xla)));
}

TEST(Schedules, TakeEveryInt64) {
  constexpr auto min = std::numeric_limits<std::int64_t>::min();
  constexpr auto max = std::numeric_limits<std::int64_t>::max();
  const fastlr::CosineDecay schedule(0.1, 1000);
  const std::vector<float> ends = schedule.table(min, max, max);
  ASSERT_EQ(ends.size(), 3u);
  EXPECT_TRUE(same(ends[0], schedule(min)) && same(ends[2], schedule(max - 1)));
  EXPECT_TRUE(schedule.table(5, 5).empty());
  EXPECT_TRUE(schedule(std::vector<std::int64_t>{}).empty());
}

TEST(Schedules, CompareStepsWithBoundariesCutToIntegers) {
  const fastlr::PiecewiseConstantDecay schedule({100, 200.5}, {0.3, 0.2, 0.1});
  EXPECT_EQ(schedule(100), 0.3f);
  EXPECT_EQ(schedule(101), 0.2f);
  EXPECT_EQ(schedule(200), 0.2f);
  EXPECT_EQ(schedule(201), 0.1f);
  EXPECT_EQ(fastlr::PiecewiseConstantDecay({}, {0.5})(7), 0.5f);
  // Keras makes a float32 of a float before it cuts it: 29 of this one.
  EXPECT_EQ(fastlr::PiecewiseConstantDecay({0.29 * 100}, {0.5, 1.0})(29), 0.5f);
  EXPECT_EQ(fastlr::PiecewiseConstantDecay({16777217}, {0.5, 1.0})(16777217), 0.5f);
  EXPECT_EQ(fastlr::PiecewiseConstantDecay({1e30}, {0.5, 1.0})(INT64_MAX), 0.5f);
}

// ---- Values ---------------------------------------------------------------------------------

TEST(Schedules, AreValues) {
  const std::vector<Schedule> all = one_of_each();
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) EXPECT_EQ(all[i] == all[j], i == j);
  }
  Schedule first = fastlr::CosineDecay(0.1, 1000);
  EXPECT_EQ(first, fastlr::CosineDecay(0.1, 1000));
  const Schedule moved = std::move(first);
  EXPECT_EQ(first, moved);  // NOLINT(bugprone-use-after-move): it stays a schedule
  first = fastlr::ExponentialDecay(0.1, 10, 0.5);
  EXPECT_NE(first, moved);
  EXPECT_EQ(first(10), 0.05f);
}

TEST(Schedules, AreSharedByThreads) {
  for (const Schedule& schedule : one_of_each()) {
    const std::vector<float> expected = schedule.table(100'000);
    std::vector<std::vector<float>> tables(4);
    std::vector<std::thread> threads;
    for (auto& table : tables) {
      threads.emplace_back([&table, copy = schedule] {
        const Schedule another = Schedule::from_json(copy.to_json());
        table = another.table(50'000);
        const std::vector<float> rest = copy.table(50'000, 100'000);
        table.insert(table.end(), rest.begin(), rest.end());
      });
    }
    for (auto& thread : threads) thread.join();
    for (const auto& table : tables) EXPECT_TRUE(same(table, expected));
  }
}

TEST(Schedules, FillTheirPartsOfOneBuffer) {
  constexpr std::int64_t part = 70'001, parts = 4;  // no multiple of a chunk or a cache line
  for (const Schedule& schedule : one_of_each()) {
    for (const Execution execution : executions) {
      const std::vector<float> expected = schedule.table(0, parts * part, 1, execution);
      std::vector<float> buffer(expected.size());
      std::vector<std::thread> threads;
      for (std::int64_t i = 0; i < parts; ++i) {
        threads.emplace_back([&schedule, &buffer, execution, i] {
          float* own = buffer.data() + i * part;
          schedule.table(i * part, (i + 1) * part, 1, own, 2, execution);
        });
      }
      for (auto& thread : threads) thread.join();
      EXPECT_TRUE(same(buffer, expected)) << schedule.to_json();
    }
  }
}

// ---- Compositions -------------------------------------------------------------------------------

TEST(Compositions, HaveTheRatesOfTheirParts) {
  const Schedule joined = warmed_up();
  const fastlr::CosineDecay cosine(0.1, 1000);
  for (const Execution execution : executions) {
    EXPECT_TRUE(same(joined.table(100, 1100, 1, execution), cosine.table(0, 1000, 1, execution)));
    const Schedule late = fastlr::Shift(cosine, -100);
    EXPECT_TRUE(same(late.table(100, 1100, 1, execution), cosine.table(0, 1000, 1, execution)));
  }
  EXPECT_EQ(joined(50), 0.05f);
  EXPECT_EQ(joined(1100), 0.001f);
  EXPECT_EQ(fastlr::Scale(cosine, 0.5)(0), 0.05f);
  EXPECT_EQ(fastlr::Clip(cosine, 0.01)(1000), 0.01f);
  EXPECT_EQ(fastlr::Table({0.3f, 0.2f})(7), 0.2f);
  EXPECT_EQ(fastlr::Shift(fastlr::Table({0.3f, 0.2f}), 5)(INT64_MAX), 0.2f);
}

TEST(Compositions, AreReadFromTheJsonThatTheyWrite) {
  for (const Schedule& schedule : one_of_each()) {
    const Schedule twin = Schedule::from_json(schedule.to_json());
    EXPECT_EQ(twin.to_json(), schedule.to_json());
    EXPECT_TRUE(same(twin.table(-50, 3000), schedule.table(-50, 3000)));
  }
}

TEST(Compositions, RefuseWhatTheyCannotBeMadeOf) {
  const fastlr::CosineDecay cosine(0.1, 1000);
  EXPECT_REFUSAL(fastlr::Join({}, {}), "`schedules`");
  EXPECT_REFUSAL(fastlr::Join({cosine, cosine}, {}), "`boundaries`");
  EXPECT_REFUSAL(fastlr::Join({cosine, cosine, cosine}, {7, 7}), "`boundaries`");
  EXPECT_REFUSAL(fastlr::Scale(cosine, NAN), "`factor`");
  EXPECT_REFUSAL(fastlr::Shift(cosine, INT64_MAX), "`steps`");
  EXPECT_REFUSAL(fastlr::Clip(cosine, 0.2, 0.1), "`minimum`");
  EXPECT_REFUSAL(fastlr::Table({}), "`values`");
  EXPECT_REFUSAL(fastlr::Table({0.1f, NAN}), "`values`");
  const std::string own =
      R"({"class_name":"Scale","config":{"schedule":{"class_name":"Mine","config":{}},"factor":2}})";
  EXPECT_REFUSAL(Schedule::from_json(own), "Mine");
  Schedule nested = cosine;
  EXPECT_REFUSAL(for (int i = 0; i < 100; ++i) nested = fastlr::Scale(nested, 1),
                 "nested too deep");
}

// ---- JSON -----------------------------------------------------------------------------------

std::string dict(const std::string& class_name, const std::string& config) {
  return R"({"module":"keras.optimizers.schedules","class_name":")" + class_name +
         R"(","config":{)" + config + R"(},"registered_name":null})";
}

TEST(Json, TellsFloatsFromIntegersAsPythonDoes) {
  const auto with = [](const char* boundary) {
    return Schedule::from_json(
        dict("PiecewiseConstantDecay",
             std::string(R"("boundaries":[)") + boundary + R"(],"values":[0.5,1.0],"name":null)"));
  };
  EXPECT_EQ(with("16777217")(16777217), 0.5f);
  EXPECT_EQ(with("16777217.0")(16777217), 1.0f);
  EXPECT_EQ(with("5e10").to_json(), with("50000000000.0").to_json());
  EXPECT_NE(with("5e10"), with("50000000000"));
  EXPECT_EQ(with("7.0"), with("7"));
  for (const char* boundary : {"16777217", "16777217.0", "5e10", "1e17", "-1.5e9", "7.0"}) {
    const Schedule schedule = with(boundary);
    EXPECT_EQ(Schedule::from_json(schedule.to_json()), schedule) << boundary;
  }
}

TEST(Json, HasTheArgumentsOrderAndDefaultsOfKeras) {
  EXPECT_EQ(fastlr::CosineDecay(0.1, 1000).to_json(),
            dict("CosineDecay", R"("initial_learning_rate":0.1,"decay_steps":1000,"alpha":0.0,)"
                                R"("name":"CosineDecay","warmup_target":null,"warmup_steps":0)"));
  EXPECT_EQ(fastlr::CosineDecayRestarts(1, 10.5).to_json(),
            dict("CosineDecayRestarts",
                 R"("initial_learning_rate":1.0,"first_decay_steps":10.5,"t_mul":2.0,)"
                 R"("m_mul":1.0,"alpha":0.0,"name":"SGDRDecay")"));
  EXPECT_EQ(
      fastlr::ExponentialDecay(0.1, 10, 0.5).to_json(),
      dict("ExponentialDecay", R"("initial_learning_rate":0.1,"decay_steps":10,"decay_rate":0.5,)"
                               R"("staircase":false,"name":"ExponentialDecay")"));
  EXPECT_EQ(
      fastlr::InverseTimeDecay(0.1, 10, 0.5).to_json(),
      dict("InverseTimeDecay", R"("initial_learning_rate":0.1,"decay_steps":10,"decay_rate":0.5,)"
                               R"("staircase":false,"name":"InverseTimeDecay")"));
  EXPECT_EQ(fastlr::PolynomialDecay(0.1, 10).to_json(),
            dict("PolynomialDecay",
                 R"("initial_learning_rate":0.1,"decay_steps":10,"end_learning_rate":0.0001,)"
                 R"("power":1.0,"cycle":false,"name":"PolynomialDecay")"));
  EXPECT_EQ(fastlr::PiecewiseConstantDecay({1, 2.5}, {3, 2, 1}).to_json(),
            dict("PiecewiseConstantDecay",
                 R"("boundaries":[1,2.5],"values":[3.0,2.0,1.0],"name":"PiecewiseConstant")"));
  EXPECT_EQ(fastlr::InverseSquareRootDecay(0.1, 10).to_json(),
            R"({"module":"fastlr","class_name":"InverseSquareRootDecay","config":{)"
            R"("initial_learning_rate":0.1,"decay_steps":10,"name":"InverseSquareRootDecay"},)"
            R"("registered_name":null})");
}

TEST(Json, ComesBack) {
  for (const Schedule& schedule : one_of_each()) {
    EXPECT_EQ(Schedule::from_json(schedule.to_json()), schedule);
  }
  const fastlr::CosineDecay named(0.1, 10, 0.0, "\xc3\xa9\"\\\n", std::nullopt, 3);
  EXPECT_EQ(Schedule::from_json(named.to_json()), named);
  EXPECT_NE(named, fastlr::CosineDecay(0.1, 10, 0.0, std::nullopt, std::nullopt, 3));
  const fastlr::CosineDecay negative_zero(0.1, 100, 0.0, "CosineDecay", 0.3, -0.0);
  EXPECT_TRUE(same(Schedule::from_json(negative_zero.to_json())(-1), negative_zero(-1)));
}

TEST(Json, MayLeaveOutWhatHasDefaults) {
  EXPECT_EQ(Schedule::from_json(R"( {"class_name": "CosineDecay", "other": [1, {}], "config":
              {"decay_steps": 1e3, "initial_learning_rate": 1}} )"),
            fastlr::CosineDecay(1.0, 1000));
}

TEST(Json, RefusesWhatIsNoSchedule) {
  const auto from = [](const std::string& text) { return Schedule::from_json(text); };
  EXPECT_REFUSAL(from(""), "must be JSON");
  EXPECT_REFUSAL(from("{\"class_name\": \"CosineDecay\""), "must be JSON");
  EXPECT_REFUSAL(from("[]"), "class_name");
  EXPECT_REFUSAL(from("null"), "class_name");
  EXPECT_REFUSAL(from(R"({"class_name": 1, "config": {}})"), "class_name");
  EXPECT_REFUSAL(from(R"({"class_name": "CosineDecay", "config": []})"), "config");
  EXPECT_REFUSAL(from(dict("os.system", "")), "Unknown schedule class: \"os.system\"");
  EXPECT_REFUSAL(from(dict("CosineDecay", R"("decay_steps":1)")), "`initial_learning_rate`");
  EXPECT_REFUSAL(
      from(dict("PiecewiseConstantDecay", R"("boundaries":[],"values":[1],"steps":[2])")),
      "unknown argument \"steps\"");
  const auto cosine = [&](const std::string& rest) {
    return from(dict("CosineDecay", R"("initial_learning_rate":0.1,)" + rest));
  };
  EXPECT_REFUSAL(cosine(R"("decay_steps":"9")"), "`decay_steps` must be a number");
  EXPECT_REFUSAL(cosine(R"("decay_steps":true)"), "`decay_steps` must be a number");
  EXPECT_REFUSAL(cosine(R"("decay_steps":null)"), "`decay_steps` must be a number");
  EXPECT_REFUSAL(cosine(R"("decay_steps":0)"), "`decay_steps` must be > 0");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1e39)"), "`decay_steps` must be a finite float32");
  EXPECT_REFUSAL(cosine(R"("decay_steps":9007199254740993)"), "2**53");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1,"alpha":-9007199254740993)"), "2**53");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1,"alpha":18446744073709551615)"), "2**53");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1,"alpha":36893490346442358785)"), "2**53");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1,"alpha":-340282366920938463463374607431768211456)"),
                 "2**53");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1e400)"), "must be JSON");
  EXPECT_REFUSAL(from(cosine(R"("decay_steps":1)").to_json() + std::string(1, '\0')), "NUL byte");
  EXPECT_REFUSAL(cosine(R"("decay_steps":NaN)"), "must be JSON");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1,"name":7)"), "`name` must be a string");
  EXPECT_REFUSAL(cosine(R"("decay_steps":1,"name":"a/b")"), "`/`");
  EXPECT_REFUSAL(
      from(dict("PolynomialDecay", R"("initial_learning_rate":1,"decay_steps":1,"cycle":1)")),
      "`cycle` must be true or false");
  EXPECT_REFUSAL(from(dict("PiecewiseConstantDecay", R"("boundaries":1,"values":[1])")),
                 "`boundaries` must be an array");
  EXPECT_REFUSAL(from(dict("PiecewiseConstantDecay", R"("boundaries":["1"],"values":[1,2])")),
                 "`boundaries` must be a number");
  EXPECT_REFUSAL(from(dict("PiecewiseConstantDecay", R"("boundaries":[1e39],"values":[1,2])")),
                 "`boundaries` must be a finite float32");
  EXPECT_REFUSAL(from(std::string(100'000, '[')), "nested more than 64 levels");
  const auto nested = [](std::size_t depth) {
    return R"({"k": )" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_REFUSAL(from(nested(63)), "class_name");
  EXPECT_REFUSAL(from(nested(64)), "nested more than 64 levels");
  EXPECT_EQ(cosine(R"("decay_steps":"no","decay_steps":1)"), fastlr::CosineDecay(0.1, 1));
  std::string keys = "\"k\":1";
  for (int i = 0; i < 100'000; ++i) keys += ",\"k" + std::to_string(i) + "\":1";
  EXPECT_REFUSAL(from("{" + keys + "}"), "more than 10000 keys");
  EXPECT_REFUSAL(from(std::string(FASTLR_JSON_MAX + 1, ' ')), "at most 16777216 bytes");
}

// ---- Refusals -------------------------------------------------------------------------------

TEST(Refusals, NameTheArgument) {
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 0), "`decay_steps` must be > 0. Received: decay_steps=0");
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 1e-39), "decay_steps");
  EXPECT_REFUSAL(fastlr::CosineDecay(NAN, 10), "`initial_learning_rate`");
  EXPECT_REFUSAL(fastlr::CosineDecay(1e39, 10), "`initial_learning_rate`");
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 10, INFINITY), "`alpha`");
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 10, 0, "a/b"), "`name`");
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 10, 0, "\xff"), "`name` must be UTF-8");
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 10, 0, "", NAN), "`warmup_target`");
  EXPECT_REFUSAL(fastlr::CosineDecayRestarts(0.1, 10, NAN), "`t_mul`");
  EXPECT_REFUSAL(fastlr::ExponentialDecay(0.1, -1, 0.5), "`decay_steps`");
  EXPECT_REFUSAL(fastlr::InverseTimeDecay(0.1, 1, NAN), "`decay_rate`");
  EXPECT_REFUSAL(fastlr::PolynomialDecay(0.1, 1, 0, NAN), "`power`");
  EXPECT_REFUSAL(fastlr::PiecewiseConstantDecay({1}, {1}), "`boundaries`");
  EXPECT_REFUSAL(fastlr::PiecewiseConstantDecay({NAN}, {1, 2}), "`boundaries`");
  EXPECT_REFUSAL(fastlr::PiecewiseConstantDecay({1}, {1, 1e39}), "`values`");
  EXPECT_REFUSAL(fastlr::PiecewiseConstantDecay({}, {}), "one element less");
  EXPECT_REFUSAL(fastlr::CosineDecay(0.1, 10, 0, std::string("a\0b", 3)), "NUL character");
  const std::string long_name = std::string(1, 'x') + [] {
    std::string accents;
    for (int i = 0; i < 300; ++i) accents += "\xc3\xa9";
    return accents;
  }();
  const std::string message = refusal_of([&] { fastlr::CosineDecay(0.1, 10, 0, long_name + "/"); });
  EXPECT_EQ(message.substr(message.size() - 2), "\xc3\xa9");  // no half character
}

/// Where boundaries fall, a rate is a sum over all intervals: the work is quadratic.
TEST(Refusals, BoundTheWork) {
  std::vector<double> boundaries, values(1'000'001, 0.5);
  for (int i = 0; i < 1'000'000; ++i) boundaries.push_back(i / 2);  // not falling, not rising
  EXPECT_EQ(fastlr::PiecewiseConstantDecay(boundaries, values)(5), 0.5f);
  std::swap(boundaries[10], boundaries[20]);
  EXPECT_REFUSAL(fastlr::PiecewiseConstantDecay(boundaries, values), "`boundaries` must not fall");
}

TEST(Refusals, WriteNothing) {
  const fastlr::CosineDecay schedule(0.1, 1000);
  float out[4] = {7, 7, 7, 7};
  EXPECT_REFUSAL(schedule.table(0, 4, 0, out), "`step`");
  EXPECT_REFUSAL(schedule.table(0, 4, 1, out, -1), "`threads`");
  EXPECT_REFUSAL(schedule.table(0, 4, 1, nullptr), "`out`");
  EXPECT_REFUSAL(schedule.table(0, 4, 1, out, 1, static_cast<Execution>(3)), "`execution`");
  EXPECT_REFUSAL(schedule.evaluate(nullptr, 4, out), "`steps`");
  EXPECT_REFUSAL(schedule(1, static_cast<Execution>(-1)), "`execution`");
  for (const float rate : out) EXPECT_EQ(rate, 7);
}

TEST(CApi, RefusesNull) {
  fastlr_error error;
  fastlr_schedule* schedule = nullptr;
  const std::int64_t steps[] = {1};
  float rate = 7;
  EXPECT_EQ(fastlr_cosine_decay(0.1, 1, 0, nullptr, nullptr, 0, nullptr, &error),
            FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(fastlr_from_json(nullptr, 0, &schedule, &error), FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(fastlr_piecewise_constant_decay(nullptr, 1, nullptr, 2, nullptr, &schedule, &error),
            FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(schedule, nullptr);
  EXPECT_EQ(fastlr_at(nullptr, 1, FASTLR_EAGER, &rate, &error), FASTLR_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "Argument `schedule` must not be NULL");
  EXPECT_EQ(fastlr_range(nullptr, 0, 1, 1, &rate, 1, FASTLR_EAGER, nullptr),
            FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(fastlr_array(nullptr, steps, 1, &rate, 1, FASTLR_EAGER, nullptr),
            FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(fastlr_json(nullptr), nullptr);
  fastlr_free(nullptr);
  EXPECT_EQ(rate, 7);
}

TEST(CApi, RefusesStepsBeyondInt64) {
  const fastlr::CosineDecay schedule(0.1, 1000);
  float rates[2] = {7, 7};
  const auto range = [&](std::int64_t start, std::int64_t step, std::size_t count) {
    return fastlr_range(schedule.get(), start, step, count, rates, 1, FASTLR_EAGER, nullptr);
  };
  EXPECT_EQ(range(INT64_MAX, 1, 2), FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(range(INT64_MIN, -1, 2), FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(range(0, 1, SIZE_MAX), FASTLR_INVALID_ARGUMENT);
  EXPECT_EQ(rates[0], 7);
  EXPECT_EQ(range(INT64_MAX - 1, 1, 2), FASTLR_OK);
  EXPECT_EQ(range(INT64_MIN, INT64_MAX, 2), FASTLR_OK);
  EXPECT_EQ(range(3, 0, 2), FASTLR_OK);
  EXPECT_EQ(rates[0], rates[1]);
}

TEST(CApi, SaysItsVersion) { EXPECT_STREQ(fastlr_version(), FASTLR_VERSION); }

}  // namespace
