// The events of a bench session's run as a telemetry session, for viewers that know nothing of the bench: a Snapshot,
// then Batches; a new Snapshot when the session begins another run.
//
// The session's thread calls run_begins(), record() and flush(); the server's thread asks for snapshots.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "engine/laboratory/bench/hand_run.h"
#include "telemetry/probe/collector.h"
#include "telemetry/server/live_picture.h"
#include "telemetry/server/server.h"

namespace sweepscope::workloads {

class BenchStream final : public laboratory::RecordListener {
 public:
  BenchStream();
  ~BenchStream() override;

  // Once, after the server was started with with_snapshot().
  void attach(telemetry::Server& server);
  void detach();
  void with_snapshot(const std::function<void(telemetry::Snapshot)>& use);

  void run_begins() override;
  void record(uint32_t stream, uint64_t number, const observe::Record& record) override;
  void flush();  // after a request: what was recorded since goes to the viewers

 private:
  struct Entry {
    uint32_t stream;
    uint64_t number;
    observe::Record record;
  };
  // One run's session. The collector is declared last: it is destroyed before its sinks.
  struct Run {
    telemetry::LivePicture picture;
    telemetry::Collector collector;
    Run();
  };

  std::vector<Entry> entries_;  // since the last flush
  bool begins_ = true;          // a run began since then

  std::mutex mutex_;          // taken before the locks of collector and server
  std::unique_ptr<Run> run_;  // under mutex_, like the next
  telemetry::Server* server_ = nullptr;
};

}  // namespace sweepscope::workloads
