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

/// Elements of a chunk: few enough that the slowest formula (some 50 ns an element) is interrupted
/// within milliseconds, enough that a chunk's own cost (one clock read) does not show. A multiple
/// of every vector width and of the cache line, so that threads never share one inside a table.
inline constexpr std::int64_t chunk = 1 << 16;

/// Work for more than one chunk; see `in_chunks`.
bool in_many_chunks(std::int64_t count, int threads, StopRequested stop,
                    const std::function<void(std::int64_t first, std::int64_t count)>& work);

/// Calls work(first, count) for chunks that cover [0, count), from `threads` threads.
/// False if `stop` (may be null) asked to stop before all was done.
template <class Work>
bool in_chunks(std::int64_t count, int threads, StopRequested stop, const Work& work) {
  if (count > chunk) return in_many_chunks(count, threads, stop, work);
  work(0, count);
  return true;
}

}  // namespace fastlr::core
