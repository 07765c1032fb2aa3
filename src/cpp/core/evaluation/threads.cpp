#include "threads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#ifdef __linux__
#include <sched.h>
#endif

namespace fastlr::core {
namespace {

// Starting and joining a thread costs 20 to 80 us. It wins from some 5e5 elements on and clearly
// from 1e6; a parked worker would win from 3e5, but is an idle thread in every process and is lost
// by fork. With the other core busy, threads lose 4 to 18 % up to 5e6.
constexpr std::int64_t worth_a_thread = 500'000;

// More threads than this, on fewer processors, keep the calling one waiting for its turn, deaf to
// Ctrl-C: half a second with 256 on two processors.
constexpr int most_threads = 64;

constexpr auto stop_interval = std::chrono::milliseconds(50);

}  // namespace

int usable_processors() {
#ifdef __linux__
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
#endif
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

int thread_count(std::int64_t count, int requested, int limit) {
  if (requested > most_threads)
    return std::min(requested, std::max(most_threads, usable_processors()));
  if (requested > 0) return requested;
  const std::int64_t worth = count / worth_a_thread;
  if (worth < 2) return 1;
  return static_cast<int>(std::min<std::int64_t>(worth, std::min(usable_processors(), limit)));
}

bool in_many_chunks(std::int64_t count, int threads, StopRequested stop,
                    const std::function<void(std::int64_t, std::int64_t)>& work) {
  const std::int64_t chunks = (count + chunk - 1) / chunk;
  threads = static_cast<int>(std::clamp<std::int64_t>(threads, 1, chunks));
  std::atomic<bool> stopped{false};

  // Each thread owns one contiguous share: neighbouring pages are first touched by one thread.
  const auto share = [&](int thread, auto&& before_chunk) {
    const std::int64_t end = chunks * (thread + 1) / threads;
    for (std::int64_t i = chunks * thread / threads; i < end; ++i) {
      before_chunk();
      if (stopped.load(std::memory_order_relaxed)) return;
      work(i * chunk, std::min(chunk, count - i * chunk));
    }
  };

  std::mutex mutex;
  std::condition_variable worker_finished;
  int running = 0;

  std::vector<std::thread> workers;
  workers.reserve(static_cast<std::size_t>(threads - 1));
  int started = 1;
  try {
    for (; started < threads; ++started) {
      {
        const std::lock_guard<std::mutex> lock(mutex);
        ++running;
      }
      workers.emplace_back([&, thread = started] {
        share(thread, [] {});
        const std::lock_guard<std::mutex> lock(mutex);
        --running;
        worker_finished.notify_one();
      });
    }
  } catch (const std::exception&) {
    // No more threads or memory for them to be had: the calling thread does the remaining shares
    // itself, below.
    const std::lock_guard<std::mutex> lock(mutex);
    --running;
  }

  auto last_asked = std::chrono::steady_clock::now();
  const auto ask = [&] {
    if (stop == nullptr) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - last_asked < stop_interval) return;
    last_asked = now;
    if (stop()) stopped.store(true, std::memory_order_relaxed);
  };
  share(0, ask);
  for (int thread = started; thread < threads; ++thread) share(thread, ask);
  // The caller may ask to stop while the others are still at work.
  for (bool waiting = true; waiting;) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      waiting = !worker_finished.wait_for(lock, stop_interval, [&] { return running == 0; });
    }
    if (waiting) ask();
  }
  for (std::thread& worker : workers) worker.join();
  return !stopped.load(std::memory_order_relaxed);
}

}  // namespace fastlr::core
