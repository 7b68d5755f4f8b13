// The messages of a bench session (telemetry/model/bench.h) as bytes.
//
// Called by server, client and composition root, from any thread; no state. A decode_ function takes untrusted bytes:
// it limits the message and the number and size of everything in it before anything is allocated for it, and returns an
// error of one line for invalid input.
#pragma once

#include <string>
#include <string_view>

#include "telemetry/model/bench.h"
#include "telemetry/model/result.h"

namespace sweepscope::telemetry {

// Bytes of an encoded message.
inline constexpr size_t kMaxBenchRequest = (1u << 20) + 4096;
inline constexpr size_t kMaxBenchState = 4u << 20;
inline constexpr size_t kMaxBenchAnswer = 4u << 20;
// Counts and bytes of the parts of a request.
inline constexpr size_t kMaxBenchChecks = 256, kMaxBenchCheckBytes = 256;
inline constexpr size_t kMaxBenchBreakpoints = 64, kMaxBenchBreakpointBytes = 128;
inline constexpr size_t kMaxBenchNameBytes = 64;
inline constexpr size_t kMaxBenchScheduleBytes = 1u << 20;
inline constexpr size_t kMaxBenchLessonBytes = 64u << 10;
// Counts of the parts of a state or an answer.
inline constexpr size_t kMaxBenchNodes = 4096, kMaxBenchRows = 4096, kMaxBenchThreads = 1024;
inline constexpr size_t kMaxBenchSpans = 4096, kMaxBenchPs = 4096, kMaxBenchParts = 4096;
inline constexpr size_t kMaxBenchObjects = 64, kMaxBenchRoots = 256;
// References of an object, objects of a root: more are not read.
inline constexpr size_t kMaxBenchReferences = 64;

std::string encode_bench_request(const BenchRequest& request);
Result<BenchRequest> decode_bench_request(std::string_view bytes);
// The id of a request that does not decode, for the answer; 0: it has none that can be read.
uint64_t bench_request_id(std::string_view bytes);
std::string encode_bench_state(const BenchState& state);
Result<BenchState> decode_bench_state(std::string_view bytes);
std::string encode_bench_answer(const BenchAnswer& answer);
Result<BenchAnswer> decode_bench_answer(std::string_view bytes);

}  // namespace sweepscope::telemetry
