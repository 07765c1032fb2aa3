// consumer SCHEDULES STEPS: as consumer.c, with the types of C++.
#include <cstdio>
#include <fastlr/fastlr.hpp>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

template <class Number>
std::vector<Number> read_all(const char* path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto* first = reinterpret_cast<const Number*>(bytes.data());
  return {first, first + bytes.size() / sizeof(Number)};
}

void write(const std::vector<float>& rates) {
  std::fwrite(rates.data(), sizeof(float), rates.size(), stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 1;
  const auto steps = read_all<std::int64_t>(argv[2]);
  std::ifstream texts(argv[1]);
  for (std::string line; std::getline(texts, line);) {
    const auto schedule = fastlr::Schedule::from_json(line);
    if (fastlr::Schedule::from_json(schedule.to_json()) != schedule) return 2;
    using fastlr::Execution;
    for (const auto execution : {Execution::eager, Execution::graph, Execution::xla}) {
      std::vector<float> single;
      for (const std::int64_t step : steps) single.push_back(schedule(step, execution));
      write(single);
      write(schedule(steps, execution));
      write(schedule.table(-1000, -1000 + 3 * 20'000, 3, execution));
      std::vector<float> real;
      for (const std::int64_t step : steps) {
        real.push_back(schedule(static_cast<double>(step) + 0.3, execution));
      }
      write(real);
    }
  }
}
