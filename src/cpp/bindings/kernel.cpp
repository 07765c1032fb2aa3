// Kernels: schedules in an execution mode, evaluated into arrays of the caller; and how Python's
// arguments become those of the core.
#include "kernel.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "arrays.hpp"
#include "schedule_type.hpp"

namespace fastlr::bindings {
namespace {

template <class Real>
Real* memory_for(py::array& out) {
  Real* memory = memory_of<Real>(out);
  if (memory == nullptr) {
    throw py::value_error("`out` must be a writable, C-contiguous array of the schedule's dtype");
  }
  return memory;
}

void evaluate_range(const Kernel& kernel, std::int64_t start, std::int64_t step, py::array out,
                    int threads) {
  std::visit(
      [&](const auto& schedule) {
        fill(schedule, {start, step, out.size()}, memory_for<decltype(schedule.at(0))>(out),
             threads);
      },
      kernel.schedule);
}

void evaluate_array(const Kernel& kernel, const py::array& steps, py::array out, int threads) {
  std::visit(
      [&](const auto& schedule) {
        const auto memory = memory_for<decltype(schedule.at(0))>(out);
        const auto type = step_type(steps);
        if (!type) {
          throw py::value_error(
              "`steps` must be C-contiguous int32, int64, uint64, float32 or float64");
        }
        if (steps.size() != out.size()) throw py::value_error("`steps` and `out` differ in size");
        fill(schedule, {*type, steps.data(), steps.size()}, memory, threads);
      },
      kernel.schedule);
}

/// out[i] = rates of a range from kernels[i]. The rows of `out` have to be as `evaluate_range`
/// wants them, none in the memory of another.
template <class Real>
void evaluate_rows(const py::list& kernels, core::StepRange steps, py::array& out, int threads) {
  core::ScheduleList<Real> schedules;
  for (const py::handle kernel : kernels) {
    const auto& any = kernel.cast<const Kernel&>().schedule;
    schedules.push_back(&std::get<core::AnySchedule<Real>>(any));
  }
  const auto distance = out.strides(0) / static_cast<py::ssize_t>(sizeof(Real));
  fill(schedules, steps, static_cast<Real*>(out.mutable_data()), distance, threads);
}

void fill_rows(const py::list& kernels, std::int64_t start, std::int64_t step, py::array out,
               int threads) {
  if (out.size() == 0) return;
  if (out.ndim() != 2 || out.shape(0) != static_cast<py::ssize_t>(kernels.size())) {
    throw py::value_error("`out` must have a row for each kernel");
  }
  const core::StepRange steps{start, step, out.shape(1)};
  if (out.dtype().normalized_num() == type_number<float>) {
    evaluate_rows<float>(kernels, steps, out, threads);
  } else {
    evaluate_rows<double>(kernels, steps, out, threads);
  }
}

double number(py::handle value) {
  const double read = PyFloat_AsDouble(value.ptr());
  if (read == -1 && PyErr_Occurred() != nullptr) throw py::error_already_set();
  return read;
}

void read(py::handle value, double& argument) { argument = number(value); }
void read(py::handle value, core::StepCount& argument) { argument = number(value); }
void read(py::handle value, bool& argument) { argument = value.cast<bool>(); }
void read(py::handle value, std::int64_t& argument) { argument = value.cast<std::int64_t>(); }
void read(py::handle value, std::string& argument) { argument = value.cast<std::string>(); }
void read(py::handle value, core::Part& argument) { argument = part_of(value.ptr()); }
void read(py::handle values, std::vector<double>& argument) {
  const auto array = exact_array(values.ptr());
  if (const auto type = array ? step_type(*array) : std::nullopt) {
    return core::with_typed(*type, array->data(), [&](auto numbers) {
      argument.assign(numbers, numbers + array->size());
    });
  }
  for (const py::handle value : values) argument.push_back(number(value));
}
template <class Value>
void read(py::handle values, std::vector<Value>& argument) {
  for (const py::handle value : values) read(value, argument.emplace_back());
}
template <class Value>
void read(py::handle value, std::optional<Value>& argument) {
  if (value.is_none()) return argument.reset();
  read(value, argument.emplace());
}

/// Fills in what `given` has. TypeError for a missing argument or one that there is not.
template <class Arguments>
void read_into(Arguments& arguments, const py::dict& given) {
  const auto fail = [](const char* what, const std::string& name) {
    throw py::type_error(std::string(Arguments::class_name) + what + "`" + name + "`");
  };
  std::size_t found = 0;
  const auto take = [&](const char* name, auto& argument, core::Given needed) {
    PyObject* value = PyDict_GetItemString(given.ptr(), name);
    if (value != nullptr) {
      ++found;
      read(value, argument);
    } else if (needed == core::Given::always) {
      fail(" needs the argument ", name);
    }
  };
  Arguments::each(arguments, take);
  arguments.each_derived(
      [&](const char* name, auto& argument) { take(name, argument, core::Given::optionally); });
  if (found != given.size()) fail(" has not all of the arguments ", py::str(py::list(given)));
}

// ---- Plain arguments: those that the core casts as Keras casts them ----------------------------

/// Python's own numbers, zero or normal in float32; integers that float32 holds.
std::optional<double> plain_number(PyObject* value) {
  constexpr long largest = 1 << std::numeric_limits<float>::digits;
  if (PyFloat_CheckExact(value)) {
    const double number = PyFloat_AS_DOUBLE(value);
    if (number == 0 || std::isnormal(static_cast<float>(number))) return number;
  } else if (PyLong_CheckExact(value)) {
    int overflow;
    const long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow == 0 && -largest <= number && number <= largest) return double(number);
  }
  return std::nullopt;
}

bool read_plain(PyObject* value, double& argument) {
  const auto number = plain_number(value);
  argument = number.value_or(0);
  return number.has_value();
}
bool read_plain(PyObject* value, core::StepCount& argument) {
  const auto number = plain_number(value);
  argument = static_cast<float>(number.value_or(0));
  return number.has_value();
}
bool read_plain(PyObject* value, bool& argument) {
  argument = value == Py_True;
  return PyBool_Check(value);
}
bool read_plain(PyObject* value, core::Name&) {  // no kernel needs it
  return value == Py_None ||
         (PyUnicode_CheckExact(value) &&
          PyUnicode_FindChar(value, '/', 0, PyUnicode_GET_LENGTH(value), 1) == -1);
}
bool read_plain(PyObject*, core::Part&) { return false; }  // Python looks at all of them
bool read_plain(PyObject*, std::int64_t&) { return false; }
bool read_plain(PyObject* value, std::optional<double>& argument) {
  return value == Py_None || read_plain(value, argument.emplace());
}
template <class Value>
bool read_plain(PyObject* values, std::vector<Value>& argument) {
  if (!PyList_CheckExact(values) && !PyTuple_CheckExact(values)) return false;
  PyObject** items = PySequence_Fast_ITEMS(values);
  return std::all_of(items, items + PySequence_Fast_GET_SIZE(values),
                     [&](PyObject* value) { return read_plain(value, argument.emplace_back()); });
}

/// Whether `config` has all arguments in their order, each of them plain.
template <class Arguments>
bool read_plain(PyObject* config, Arguments& arguments) {
  Py_ssize_t position = 0;
  bool plain = true;
  Arguments::each(arguments, [&](const char* name, auto& argument, core::Given) {
    PyObject *key, *value;
    plain = plain && PyDict_Next(config, &position, &key, &value) != 0 &&
            PyUnicode_CompareWithASCIIString(key, name) == 0 && read_plain(value, argument);
  });
  return plain;
}

}  // namespace

std::optional<core::ExecutionId> execution_of(PyObject* name) {
  using core::ExecutionId;
  if (!PyUnicode_CheckExact(name)) return std::nullopt;
  if (PyUnicode_CompareWithASCIIString(name, "eager") == 0) return ExecutionId::eager;
  if (PyUnicode_CompareWithASCIIString(name, "graph") == 0) return ExecutionId::graph;
  if (PyUnicode_CompareWithASCIIString(name, "xla") == 0) return ExecutionId::xla;
  return std::nullopt;
}

core::Arguments read_arguments(const std::string& class_name, const py::dict& given) {
  std::optional<core::Arguments> arguments = core::arguments_of(class_name);
  if (!arguments) throw py::value_error("there is no schedule " + class_name);
  std::visit([&](auto& each) { read_into(each, given); }, *arguments);
  return *std::move(arguments);
}

std::optional<core::Arguments> read_plain_arguments(const char* class_name, PyObject* config) {
  std::optional<core::Arguments> arguments = core::arguments_of(class_name);
  if (arguments && !std::visit([&](auto& each) { return read_plain(config, each); }, *arguments)) {
    arguments.reset();
  }
  return arguments;
}

Kernel make_kernel(const core::SharedSchedule& schedule, bool is_double,
                   core::ExecutionId execution) {
  if (is_double) return {schedule.in<double>(execution), {}};
  return {schedule.in<float>(execution), {}};
}

void register_kernel(py::module_& m) {
  py::class_<Kernel>(m, "Kernel")
      .def("range", evaluate_range, py::arg("start"), py::arg("step"), py::arg("out"),
           py::arg("threads"))
      .def("array", evaluate_array, py::arg("steps"), py::arg("out"), py::arg("threads"))
      .def("step_functions", step_functions);
  m.def(
      "make_kernel",
      [](const std::string& class_name, const std::string& dtype, const py::str& execution,
         const py::dict& arguments) {
        return make_kernel(core::SharedSchedule(read_arguments(class_name, arguments)),
                           dtype == "float64",
                           execution_of(execution.ptr()).value_or(core::ExecutionId::eager));
      },
      py::arg("class_name"), py::arg("dtype"), py::arg("execution"), py::arg("arguments"));
  m.def("fill_rows", fill_rows, py::arg("kernels"), py::arg("start"), py::arg("step"),
        py::arg("out"), py::arg("threads"));
  m.def("set_thread_limit", [](int limit) { thread_limit = limit; }, py::arg("limit"));
}

}  // namespace fastlr::bindings
