// What opening and moving about in a recording costs, on a file made beforehand:
//
//   sweepctl run binary_trees --gogc 5 --set depth=10 --seconds 180 --record big.mcap
//   recording_bench big.mcap [SEED]
//
// With --rewrite OUT the file is first recorded anew by today's recorder. The figures to beat:
// 1 GB opens in 10 ms, a seek takes 5 ms.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <random>
#include <vector>

#include "telemetry/store/recorder.h"
#include "telemetry/store/recording.h"
#include "telemetry/wire/batch.h"

namespace sweepscope::telemetry {
namespace {

// Processor time, which other programs do not lengthen; the file is in the page cache from the second time
// on.
template <class Work>
double ms(const Work& work) {
  const auto now = [] {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
  };
  const double begin = now();
  work();
  return now() - begin;
}

void print(const char* what, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  fmt::print("{:<28} median {:9.2f} ms   p90 {:9.2f} ms   max {:9.2f} ms\n", what, times[times.size() / 2],
             times[times.size() * 9 / 10], times.back());
}

int refuse(const std::string& message) {
  fmt::print(stderr, "{}\n", message);
  return 2;
}

int rewrite(const std::string& from, const std::string& to) {
  auto recording = Recording::open(from);
  if (!recording) return refuse(recording.error().message);
  auto recorder = Recorder::create(to, (*recording)->info());
  if (!recorder) return refuse(recorder.error().message);
  BatchEncoder encoder;
  std::vector<Event> events;
  for (uint64_t seq = 0; seq < (*recording)->extent().end_seq; seq += events.size()) {
    events.clear();
    if (const auto read = (*recording)->read(seq, 16'384, events); !read) return refuse(read.error().message);
    (*recorder)->consume(
        {seq, static_cast<uint32_t>(events.size()), 0, encoder.encode(events, seq, 0), events});
  }
  const auto finished = (*recorder)->finish();
  return finished ? 0 : refuse(finished.error().message);
}

int measure(const std::string& path, uint64_t seed) {
  std::unique_ptr<Recording> recording;
  for (const auto& [by, name, times] : {std::tuple{OpenBy::kReadingAll, "open, reading all of it", 1},
                                        {OpenBy::kIndex, "open by its index", 9}}) {
    std::vector<double> taken;
    for (int i = 0; i < times; ++i) {
      taken.push_back(ms([&] {
        if (auto opened = Recording::open(path, by)) recording = std::move(*opened);
      }));
    }
    if (!recording) return refuse("The file cannot be opened.");
    print(name, taken);
  }
  const uint64_t events = recording->extent().end_seq;
  const Marks& marks = recording->marks();
  fmt::print("{} events, {} keyframes, {} cycles, {} flushes; seed {}\n", events, recording->keyframes(),
             marks.cycles.size(), marks.flushes.size(), seed);
  std::mt19937_64 random(seed);
  std::vector<double> anywhere, cycles;
  for (int i = 0; i < 200; ++i) {
    Replica replica;
    const uint64_t seq = random() % std::max<uint64_t>(events, 1);
    anywhere.push_back(ms([&] { (void)recording->seek(seq, replica); }));
    if (marks.cycles.empty()) continue;
    const uint64_t cycle = marks.cycles[random() % marks.cycles.size()].seq;
    cycles.push_back(ms([&] { (void)recording->seek(cycle, replica); }));
  }
  print("seek to any event", anywhere);
  if (!cycles.empty()) print("seek to a cycle's start", cycles);
  return 0;
}

}  // namespace
}  // namespace sweepscope::telemetry

int main(int argc, char** argv) {
  using namespace sweepscope::telemetry;
  if (argc == 4 && std::strcmp(argv[2], "--rewrite") == 0) {
    if (const int failed = rewrite(argv[1], argv[3])) return failed;
    return measure(argv[3], 1);
  }
  if (argc != 2 && argc != 3) return refuse("usage: recording_bench FILE [SEED] | FILE --rewrite OUT");
  return measure(argv[1], argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1);
}
