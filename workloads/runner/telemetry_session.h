// The telemetry of a run: a collector that the engine hands its events to, and, as asked for, a recorder
// and a server behind it. A run that neither records nor serves has none, and its engine emits nothing.
//
// Made before the engine and finished after it, by the thread that runs. A viewer's wishes come on the
// server's thread and act on the engine between attach() and detach().
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
  // Null: neither recording nor server is wanted. Fails on a file that cannot be written or must not be
  // overwritten, and on an address in use.
  static Expected<std::unique_ptr<TelemetrySession>> open(const RunOptions& options, const RunSetup& setup,
                                                          const Environment& environment);
  ~TelemetrySession();

  observe::Observer* observer() { return &collector_; }

  void attach(engine::Engine& engine, RunControl& control);
  void detach();  // waits for a wish that is being granted

  // After the engine is gone: everything is drained, the recording closed, the viewers notified. What went wrong
  // with the recording is in the result, and was printed when it happened.
  TelemetryCounts finish(Outcome outcome);
  // The same while the engine still runs, or died: what was handed over is drained and the recording closed.
  // Viewers are not notified, they see the connection close: a request of theirs may be waiting for the engine.
  TelemetryCounts abandon();

 private:
  // Folds the session for viewers that come in the middle of it. A sink, so under the collector's lock.
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
  void grant(const telemetry::Control& wish);

  std::string record_path_;
  Picture picture_;
  std::unique_ptr<telemetry::Recorder> recorder_;
  std::unique_ptr<telemetry::Server> server_;
  telemetry::Collector collector_;  // after its sinks: its thread ends before they do

  std::mutex engine_mutex_;
  engine::Engine* engine_ = nullptr;  // guarded by engine_mutex_, like control_
  RunControl* control_ = nullptr;
};

}  // namespace sweepscope::workloads
