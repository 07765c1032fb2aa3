// Writes rates as raw floats to standard output: a table, then the same from scalar calls.
#include <cstdio>
#include <fastlr/fastlr.hpp>

int main() {
  const fastlr::CosineDecay schedule{0.0, 70000, 0.01, 0.1, 5000};
  std::vector<float> rates = schedule.table(-1000, 99'000);
  for (int step = -1000; step < 99'000; ++step) rates.push_back(schedule(step));
  std::fwrite(rates.data(), sizeof(float), rates.size(), stdout);
}
