// Writes the rates that the lines of standard input ask for, as raw floats: digests.py writes the
// lines and hashes the answers. A line is
//
//   <schedule as JSON>, which the lines below it ask
//   <execution> <threads> table range <start> <stop> <step>
//   <execution> <threads> array|calls range <start> <stop> <step>
//   <execution> <threads> array|calls steps <step> ...
//
// An argument forces an instruction set, `--about` lists them behind the name of the C library;
// without FASTLR_DIGESTS_IN_TREE this is an ordinary trainer, which knows fastlr.hpp only.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fastlr/fastlr.hpp>
#include <iostream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#ifdef FASTLR_DIGESTS_IN_TREE
#include "evaluation/dispatch.hpp"
#endif
#ifdef _WIN32
#include <fcntl.h>
#include <io.h>
#endif

namespace {

using fastlr::Execution;
using fastlr::Schedule;

Execution execution_of(const std::string& name) {
  if (name == "eager") return Execution::eager;
  if (name == "graph") return Execution::graph;
  if (name == "xla") return Execution::xla;
  throw std::invalid_argument("No execution mode: " + name);
}

/// The rates that a line asks of a schedule.
std::vector<float> answer(const Schedule& schedule, const std::string& line) {
  std::istringstream words(line);
  std::string mode, way, kind;
  int threads = 0;
  words >> mode >> threads >> way >> kind;
  const Execution execution = execution_of(mode);
  std::vector<std::int64_t> steps;
  for (std::int64_t step; words >> step;) steps.push_back(step);

  if (kind == "range") {
    const std::int64_t start = steps.at(0), stop = steps.at(1), step = steps.at(2);
    const std::size_t count = Schedule::length(start, stop, step);
    if (way == "table") {
      std::vector<float> rates(count);
      schedule.table(start, stop, step, rates.data(), threads, execution);
      return rates;
    }
    steps.resize(count);
    for (std::size_t i = 0; i < count; ++i) steps[i] = start + static_cast<std::int64_t>(i) * step;
  }
  std::vector<float> rates(steps.size());
  if (way == "array") {
    schedule.evaluate(steps.data(), steps.size(), rates.data(), threads, execution);
  } else if (way == "calls") {
    for (std::size_t i = 0; i < steps.size(); ++i) rates[i] = schedule(steps[i], execution);
  } else {
    throw std::invalid_argument("No way to ask: " + line.substr(0, 60));
  }
  return rates;
}

/// Every NaN as one, whose sign and payload are the processor's own. By its bits: a trainer's
/// -ffast-math takes std::isnan away.
void make_nans_one(std::vector<float>& rates) {
  for (float& rate : rates) {
    std::uint32_t bits;
    std::memcpy(&bits, &rate, sizeof bits);
    if ((bits & 0x7fffffffu) > 0x7f800000u) bits = 0x7fc00000u;
    std::memcpy(&rate, &bits, sizeof bits);
  }
}

}  // namespace

int main(int count, char** arguments) try {
#ifdef FASTLR_DIGESTS_IN_TREE
  namespace core = fastlr::core;
  if (count == 2 && std::string(arguments[1]) == "--about") {
#ifdef __GLIBC__
    std::puts("glibc");
#else
    std::puts("other");
#endif
    for (const core::IsaId isa : core::usable_isas()) std::puts(core::isa_name(isa));
    return EXIT_SUCCESS;
  }
  if (count == 2) core::set_isa(arguments[1]);
#else
  if (count != 1) throw std::invalid_argument(std::string("No argument: ") + arguments[1]);
#endif
#ifdef _WIN32
  _setmode(_fileno(stdout), _O_BINARY);
#endif
  std::optional<Schedule> schedule;
  for (std::string line; std::getline(std::cin, line);) {
    if (line.rfind('{', 0) == 0) {
      schedule = Schedule::from_json(line);
      continue;
    }
    std::vector<float> rates = answer(schedule.value(), line);
    make_nans_one(rates);
    if (std::fwrite(rates.data(), sizeof(float), rates.size(), stdout) != rates.size()) {
      throw std::runtime_error("Rates could not be written");
    }
  }
  return std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return EXIT_FAILURE;
}
