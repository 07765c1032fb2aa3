// Writes the rates that the lines of standard input ask for, as raw floats: digests.py writes the
// lines and hashes the answers. A line is
//
//   <execution> <threads> table range <start> <stop> <step> <schedule as JSON>
//   <execution> <threads> array|calls range <start> <stop> <step> <schedule as JSON>
//   <execution> <threads> array|calls steps <step> ... <schedule as JSON>
//
// An argument forces an instruction set, `--about` lists them behind the name of the C library;
// without FASTLR_DIGESTS_IN_TREE this is an ordinary trainer, which knows fastlr.hpp only.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fastlr/fastlr.hpp>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#ifdef FASTLR_DIGESTS_IN_TREE
#include "dispatch.hpp"
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

std::vector<std::int64_t> steps_of(const std::string& kind, std::vector<std::int64_t> numbers) {
  if (kind == "steps") return numbers;
  std::vector<std::int64_t> steps(Schedule::length(numbers.at(0), numbers.at(1), numbers.at(2)));
  for (std::size_t i = 0; i < steps.size(); ++i) {
    steps[i] = numbers[0] + static_cast<std::int64_t>(i) * numbers[2];
  }
  return steps;
}

std::vector<float> answer(const std::string& line) {
  const std::size_t json = line.find('{');
  std::istringstream words(line.substr(0, json));
  std::string mode, way, kind;
  int threads = 0;
  words >> mode >> threads >> way >> kind;
  std::vector<std::int64_t> numbers;
  for (std::int64_t number; words >> number;) numbers.push_back(number);

  const Schedule schedule = Schedule::from_json(std::string_view(line).substr(json));
  const Execution execution = execution_of(mode);
  const std::vector<std::int64_t> steps = steps_of(kind, numbers);
  std::vector<float> rates(steps.size());
  if (way == "table") {
    schedule.table(numbers.at(0), numbers.at(1), numbers.at(2), rates.data(), threads, execution);
  } else if (way == "array") {
    schedule.evaluate(steps.data(), steps.size(), rates.data(), threads, execution);
  } else if (way == "calls") {
    for (std::size_t i = 0; i < steps.size(); ++i) rates[i] = schedule(steps[i], execution);
  } else {
    throw std::invalid_argument("No way to ask: " + way);
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
  for (std::string line; std::getline(std::cin, line);) {
    std::vector<float> rates = answer(line);
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
