// Long evaluations: cut into chunks, spread over threads, stopped when the caller asks for it.
#pragma once

#include <cstdint>
#include <functional>

namespace fastlr::core {

/// Asked now and then from the calling thread; true stops the evaluation.
using StopRequested = bool (*)();

/// Processors this process may run on.
int usable_processors();

/// Threads for `count` elements: `requested`, or where that is 0 what is worth it, at most `limit`.
int thread_count(std::int64_t count, int requested, int limit);

/// Calls work(first, count) for chunks that cover [0, count), from `threads` threads.
/// False if `stop` (may be null) asked to stop before all was done.
bool in_chunks(std::int64_t count, int threads, StopRequested stop,
               const std::function<void(std::int64_t first, std::int64_t count)>& work);

}  // namespace fastlr::core
