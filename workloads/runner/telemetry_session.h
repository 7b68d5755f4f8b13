// The telemetry of a run: a collector that receives the events of the engine, and a recorder and a server
// that receive them from the collector. A run with neither --record nor --serve has no session, and its
// engine emits nothing.
//
// Created before the engine and finished after it, by the runner's thread. Control requests of viewers arrive
// on the server's thread and act on the engine between attach() and detach().
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "engine/engine.h"
#include "telemetry/probe/collector.h"
#include "telemetry/replica/replica.h"
#include "telemetry/server/server.h"
#include "telemetry/store/recorder.h"
#include "workloads/expected.h"
#include "workloads/run_control.h"
#include "workloads/runner/run_options.h"
#include "workloads/runner/run_result.h"

namespace sweepscope::workloads {

class TelemetrySession {
 public:
  // Null without --record and --serve. Fails on a file that cannot be written or must not be overwritten, and
  // on an address in use.
  static Expected<std::unique_ptr<TelemetrySession>> open(const RunOptions& options, const RunSetup& setup,
                                                          const Environment& environment);
  ~TelemetrySession();

  observe::Observer* observer() { return &collector_; }

  int64_t now_ns() const { return collector_.now_ns(); }  // on the clock of the events

  void attach(engine::Engine& engine, RunControl& control);
  void detach();  // waits for a control request that is being applied

  // After the engine is destroyed: drains all events, closes the recording and notifies the viewers. An error
  // of the recording is in the result; it was printed when it happened.
  TelemetryCounts finish(Outcome outcome);
  // The same while the engine still runs or after its check failed: drains the events received so far and
  // closes the recording. Does not stop the server, whose thread may be waiting for the engine.
  TelemetryCounts abandon();

 private:
  // Folds the events for viewers that connect later. Runs under the collector's lock, as every sink.
  class Picture final : public telemetry::BatchSink {
   public:
    void consume(const telemetry::Batch& batch) override;
    void drain() noexcept override {}
    const telemetry::Replica& replica() const { return replica_; }

   private:
    telemetry::Replica replica_;
  };

  explicit TelemetrySession(const telemetry::CollectorOptions& options) : collector_(options) {}
  Expected<> record(const std::string& path, const telemetry::SessionInfo& info);
  Expected<> serve(const std::string& address, const telemetry::SessionInfo& info, bool quiet);
  TelemetryCounts close_recording();
  void apply(const telemetry::Control& request);

  std::string record_path_;
  Picture picture_;
  std::unique_ptr<telemetry::Recorder> recorder_;
  std::unique_ptr<telemetry::Server> server_;
  telemetry::Collector collector_;  // declared after its sinks: its thread ends before they are destroyed

  std::mutex engine_mutex_;
  engine::Engine* engine_ = nullptr;  // guarded by engine_mutex_, like control_
  RunControl* control_ = nullptr;
};

}  // namespace sweepscope::workloads
