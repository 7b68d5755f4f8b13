#include "workloads/runner/run_json.h"

#include <array>
#include <functional>

#include "workloads/runner/stops.h"

namespace sweepscope::workloads {
namespace {

using engine::CycleRecord;
using engine::Pause;
using Json = nlohmann::ordered_json;

double us(uint64_t ns) { return double(ns) / 1e3; }

enum class Zero : bool { kCounts, kMeansNone };

Json spread(const std::vector<const Pause*>& pauses, uint64_t Pause::*figure, Zero zero = Zero::kCounts) {
  std::vector<double> values;
  for (const Pause* pause : pauses)
    if (zero == Zero::kCounts || pause->*figure != 0) values.push_back(us(pause->*figure));
  return to_json(distribution(std::move(values)));
}

// A stop counts under the phase that ends it: the one stop of a cycle with stopped marking counts once, as
// mark termination.
std::vector<const Pause*> stops_of(const std::vector<CycleRecord>& cycles, observe::StwReason reason) {
  std::vector<const Pause*> pauses;
  for (const CycleRecord& cycle : cycles)
    for_each_stop(cycle, [&](const Pause& pause) {
      if (pause.reason == reason) pauses.push_back(&pause);
    });
  return pauses;
}

Json by_cause(const auto& counters, std::initializer_list<std::pair<const char*, size_t>> names) {
  Json json = Json::object();
  for (const auto& [name, index] : names) json[name] = counters[index];
  return json;
}

Json flush_counters(const std::array<uint64_t, engine::kFlushCauses>& counters) {
  using enum observe::FlushCause;
  return by_cause(counters, {{"acquire_p", size_t(kAcquireP)},
                             {"procresize", size_t(kProcresize)},
                             {"for_each_p", size_t(kForEachP)},
                             {"stw", size_t(kStw)},
                             {"background", size_t(kBackground)},
                             {"slow_path", size_t(kSlowPath)},
                             {"destroy", size_t(kDestroy)},
                             {"stats", size_t(kStats)},
                             {"gc_start", size_t(kGcStart)}});
}

Json sweep_counters(const std::array<uint64_t, engine::kSweepCauses>& counters) {
  using enum observe::Cause;
  return by_cause(counters, {{"background", size_t(kBackground)},
                             {"proportional", size_t(kProportional)},
                             {"cache_span", size_t(kCacheSpan)},
                             {"flush", size_t(kFlush)},
                             {"ensure_swept", size_t(kEnsureSwept)},
                             {"large_alloc", size_t(kLargeAlloc)},
                             {"reclaim", size_t(kReclaim)},
                             {"forced", size_t(kForced)},
                             {"finish", size_t(kFinish)},
                             {"stw", size_t(kStw)}});
}

Json flush_barrier(const std::vector<CycleRecord>& cycles) {
  std::vector<double> walls;
  uint64_t cpu_ns = 0, spans = 0;
  for (const CycleRecord& cycle : cycles) {
    if (!cycle.flush_barrier) continue;
    walls.push_back(us(cycle.flush_barrier->ns));
    cpu_ns += cycle.flush_barrier->cpu_ns;
    spans += cycle.flush_barrier->spans;
  }
  const bool none = walls.empty();
  Json json = to_json(distribution(std::move(walls)));
  json["spans"] = none ? Json(nullptr) : Json(spans);
  json["cpu_per_span_ns"] = spans > 0 ? Json(double(cpu_ns) / double(spans)) : Json(nullptr);
  return json;
}

Json one_pause(const Pause& pause) {
  return {{"ttsp_us", us(pause.ttsp_ns)},
          {"pause_us", us(pause.pause_ns)},
          {"pause_go_us", us(pause.pause_go_ns)},
          {"mark_us", pause.mark_ns != 0 ? Json(us(pause.mark_ns)) : Json(nullptr)},
          {"flush_us", us(pause.flush_ns)},
          {"start_us", us(pause.start_ns)},
          {"gate_us", us(pause.gate_ns)},
          {"restart_us", pause.restart_ns != 0 ? Json(us(pause.restart_ns)) : Json(nullptr)},
          {"spans_flushed", pause.spans_flushed}};
}

Json one_cycle(const CycleRecord& cycle, uint64_t origin_ns) {
  const auto bytes_or_off = [](uint64_t bytes) {
    return bytes != ~uint64_t{0} ? Json(bytes) : Json(nullptr);
  };
  const auto of_barrier = [&](auto figure) {
    return cycle.flush_barrier ? Json(figure(*cycle.flush_barrier)) : Json(nullptr);
  };
  return {
      {"cycle", cycle.cycle},
      {"forced", cycle.forced},
      {"periodic", cycle.periodic},
      {"start_ms", (double(cycle.start_ns) - double(origin_ns)) / 1e6},
      {"end_ms", (double(cycle.end_ns) - double(origin_ns)) / 1e6},
      {"heap_before_bytes", cycle.heap_before},
      {"heap_end_bytes", cycle.heap_end},
      {"heap_marked_bytes", cycle.heap_marked},
      {"goal_at_start_bytes", bytes_or_off(cycle.goal_at_start)},
      {"trigger_bytes", bytes_or_off(cycle.trigger)},
      {"goal_bytes", bytes_or_off(cycle.goal)},
      {"marked_objects", cycle.marked_objects},
      {"mark_us", us(cycle.mark_ns)},
      {"mark_resumed", cycle.resumed.count()},
      // Null: marking stopped the world.
      {"mark_work", cycle.sweep_termination ? to_json(cycle.mark_work) : Json(nullptr)},
      {"alloc_us", to_json(cycle.allocs)},
      {"flush_barrier_us", of_barrier([](const auto& barrier) { return us(barrier.ns); })},
      {"flush_barrier_cpu_us", of_barrier([](const auto& barrier) { return us(barrier.cpu_ns); })},
      {"flush_barrier_spans", of_barrier([](const auto& barrier) { return barrier.spans; })},
      {"sweep_termination", cycle.sweep_termination ? one_pause(*cycle.sweep_termination) : Json(nullptr)},
      {"mark_termination", one_pause(cycle.mark_termination)}};
}

Json mutator_gaps(const std::optional<GapMeter>& gaps) {
  if (!gaps) return nullptr;
  Distribution d;
  d.count = gaps->count();
  d.p50 = us(gaps->percentile_ns(0.50));
  d.p90 = us(gaps->percentile_ns(0.90));
  d.p99 = us(gaps->percentile_ns(0.99));
  d.max = us(gaps->max_ns());
  Json json = to_json(d);
  json["least"] = us(GapMeter::kLeastNs);
  return json;
}

Json utilisation(const RunResult& result) {
  std::vector<Interval> pauses;
  for (const CycleRecord& cycle : result.cycles)
    for_each_stop(cycle, [&](const Pause& pause) {
      pauses.push_back({pause.request_ns, pause.request_ns + pause.pause_ns});
    });
  Json json = Json::object();
  for (const auto& [name, window_ms] : {std::pair{"1ms", 1}, {"10ms", 10}, {"100ms", 100}}) {
    const auto mmu = minimum_mutator_utilisation(pauses, result.interval, uint64_t(window_ms) * 1'000'000);
    json[name] = mmu ? Json(*mmu) : Json(nullptr);
  }
  return json;
}

Json to_json(const CheckFailure& check) {
  const auto or_null = [](const std::optional<uint32_t>& number) {
    return number ? Json(*number) : Json(nullptr);
  };
  Json values = Json::object();
  for (const auto& [key, value] : check.values) values[key] = value;
  return {{"code", check.code},         {"words", check.words},       {"meaning", check.meaning},
          {"thread", check.thread},     {"p", or_null(check.p)},      {"span", or_null(check.span)},
          {"sweepgen", check.sweepgen}, {"values", std::move(values)}};
}

Json to_json(const std::optional<RecordingResult>& recording) {
  if (!recording) return nullptr;
  return {{"file", recording->file},
          {"complete", recording->complete()},
          {"events", recording->events},
          {"bytes", recording->bytes},
          {"error", recording->complete() ? Json(nullptr) : Json(recording->error)}};
}

Json parameters(const ParameterValues& values) {
  Json json = Json::object();
  for (const auto& [key, value] : values.all()) json[key] = value;
  return json;
}

}  // namespace

int exit_code(const RunResult& result) {
  if (result.outcome != Outcome::kOk && result.outcome != Outcome::kInterrupted) return 1;
  const std::optional<RecordingResult>& recording = result.telemetry.recording;
  return recording && !recording->complete() ? 1 : 0;
}

const char* name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk: return "ok";
    case Outcome::kInterrupted: return "interrupted";
    case Outcome::kCheckFailed: return "check_failed";
    case Outcome::kSelfCheckFailed: return "self_check_failed";
  }
  return "";
}

Json to_json(const Distribution& d) {
  if (d.count == 0)
    return {{"count", 0}, {"p50", nullptr}, {"p90", nullptr}, {"p99", nullptr}, {"max", nullptr}};
  return {{"count", d.count}, {"p50", d.p50}, {"p90", d.p90}, {"p99", d.p99}, {"max", d.max}};
}

Json to_json(const Environment& e) {
  return {{"cpu", e.cpu},           {"cores", e.cores}, {"kernel", e.kernel}, {"thp", e.thp},
          {"compiler", e.compiler}, {"build", e.build}, {"commit", e.commit}};
}

Json to_json(const engine::MarkWork& work, TimeIn unit) {
  const std::string suffix = unit == TimeIn::kSteps ? "_steps" : "_us";
  const auto time = [unit](uint64_t ns) { return unit == TimeIn::kSteps ? Json(ns) : Json(us(ns)); };
  return {{"dedicated" + suffix, time(work.dedicated_ns)},
          {"fractional" + suffix, time(work.fractional_ns)},
          {"idle" + suffix, time(work.idle_ns)},
          {"assist" + suffix, time(work.assist_ns)},
          {"dedicated_bytes", work.dedicated_bytes},
          {"fractional_bytes", work.fractional_bytes},
          {"idle_bytes", work.idle_bytes},
          {"worker_bytes", work.worker_bytes()},
          {"assist_bytes", work.assist_bytes},
          {"credit_bytes", work.credit_bytes},
          {"utilisation", work.utilisation},
          {"trigger_ratio", work.ratio},
          {"next_trigger_ratio", work.next_ratio}};
}

Json to_json(const engine::AllocPaths& allocs) {
  using enum engine::AllocPath;
  Json json{{"fast", {{"count", allocs.fast}}}};
  for (const auto& [name, path] : {std::pair{"refill", kRefill},
                                   {"sweep_refill", kSweep},
                                   {"grow", kGrow},
                                   {"large", kLarge},
                                   {"assist", kAssist},
                                   {"collect", kCollect}}) {
    const engine::AllocLatency& latency = allocs.of(path);
    const bool none = latency.count == 0;
    json[name] = {{"count", latency.count},
                  {"mean", none ? Json(nullptr) : Json(us(latency.total_ns) / double(latency.count))},
                  {"max", none ? Json(nullptr) : Json(us(latency.max_ns))}};
  }
  return json;
}

Json to_json(const RunResult& result) {
  const auto sweep_termination = stops_of(result.cycles, observe::StwReason::kSweepTermination);
  const auto mark_termination = stops_of(result.cycles, observe::StwReason::kMarkTermination);
  const auto both = [&](uint64_t Pause::*figure, Zero zero = Zero::kCounts) {
    return Json{{"sweep_termination", spread(sweep_termination, figure, zero)},
                {"mark_termination", spread(mark_termination, figure, zero)}};
  };
  std::vector<const Pause*> control;
  for (const Pause& pause : result.control) control.push_back(&pause);
  const std::optional<engine::EngineStats>& stats = result.stats;
  const auto counted = [&](auto engine::EngineStats::*figure) {
    return stats ? Json((*stats).*figure) : Json(nullptr);
  };
  const bool measured = result.interval.end_ns != 0;
  Json figures = stats ? Json::object() : Json(nullptr);
  for (const auto& [key, value] : result.figures) figures[key] = value;
  Json cycles = Json::array();
  for (const CycleRecord& cycle : result.cycles) cycles.push_back(one_cycle(cycle, result.origin_ns));

  const RunSetup& setup = result.setup;
  Json json;
  json["schema_version"] = kResultSchemaVersion;
  json["environment"] = to_json(result.environment);
  json["workload"] = setup.workload;
  json["parameters"] = parameters(setup.parameters);
  json["seed"] = setup.engine.seed;
  json["procs"] = setup.engine.procs;
  json["threads"] = setup.threads;
  json["gogc"] = setup.engine.gogc == engine::kGcOff ? Json("off") : Json(setup.engine.gogc);
  json["flush_policy"] = setup.engine.flush_policy;
  json["verify"] = setup.engine.verify;
  json["concurrent_mark"] = setup.engine.concurrent_mark;
  json["stw_sweep"] = setup.engine.stw_sweep;
  json["serial_flush"] = setup.engine.serial_flush;
  json["outcome"] = name(result.outcome);
  json["complaint"] = result.complaint.empty() ? Json(nullptr) : Json(result.complaint);
  json["check"] = result.check ? to_json(*result.check) : Json(nullptr);
  json["mutators_start_ms"] = result.interval.begin_ns != 0
                                  ? Json(double(result.interval.begin_ns - result.origin_ns) / 1e6)
                                  : Json(nullptr);
  json["wall_s"] = measured ? Json(result.wall_s) : Json(nullptr);
  json["cpu_s"] = measured ? Json(result.cpu_s) : Json(nullptr);
  json["cycles"] = result.cycles.size();
  json["alloc_objects"] = counted(&engine::EngineStats::alloc_objects);
  json["alloc_bytes"] = counted(&engine::EngineStats::alloc_bytes);
  json["freed_objects"] = counted(&engine::EngineStats::freed_objects);
  json["freed_bytes"] = counted(&engine::EngineStats::freed_bytes);
  json["pause_us"] = both(&Pause::pause_ns);
  json["pause_go_us"] = both(&Pause::pause_go_ns);
  json["ttsp_us"] = both(&Pause::ttsp_ns);
  json["pause_mark_us"] = both(&Pause::mark_ns, Zero::kMeansNone);
  json["pause_flush_us"] = both(&Pause::flush_ns);
  json["pause_start_us"] = both(&Pause::start_ns);
  json["control_us"] = spread(control, &Pause::pause_ns);
  json["control_go_us"] = spread(control, &Pause::pause_go_ns);
  json["restart_us"] = spread(mark_termination, &Pause::restart_ns, Zero::kMeansNone);
  json["gate_us"] = spread(mark_termination, &Pause::gate_ns);
  json["flush_barrier_us"] = flush_barrier(result.cycles);
  json["flushes"] = stats ? flush_counters(stats->flushes) : Json(nullptr);
  json["flushed_spans"] = stats ? flush_counters(stats->flushed_spans) : Json(nullptr);
  json["swept_spans"] = stats ? sweep_counters(stats->swept_spans) : Json(nullptr);
  json["stale_allocs"] = counted(&engine::EngineStats::stale_allocs);
  json["grow_while_unswept"] = counted(&engine::EngineStats::grow_while_unswept);
  json["alloc_us"] = stats ? to_json(stats->allocs) : Json(nullptr);
  json["mutator_gap_us"] = mutator_gaps(result.gaps);
  json["mmu"] = measured ? utilisation(result) : Json(nullptr);
  json["telemetry"] = {{"events", result.telemetry.events},
                       {"lost", result.telemetry.lost},
                       {"bytes", result.telemetry.bytes},
                       {"recording", to_json(result.telemetry.recording)}};
  json["peak_rss_bytes"] = result.peak_rss_bytes;
  json["live_bytes"] = counted(&engine::EngineStats::heap_live);
  json["heap_in_use_bytes"] = counted(&engine::EngineStats::heap_in_use_bytes);
  json["heap_reserved_bytes"] = counted(&engine::EngineStats::heap_reserved_bytes);
  json["scavenged_bytes"] = counted(&engine::EngineStats::scavenged_bytes);
  json["objects_verified"] = counted(&engine::EngineStats::objects_verified);
  json["figures"] = std::move(figures);
  json["per_cycle"] = std::move(cycles);
  return json;
}

}  // namespace sweepscope::workloads
