#include "telemetry/store/check_recording.h"

#include "telemetry/store/recording.h"

namespace sweepscope::telemetry {

namespace {

constexpr double kOpeningShare = 0.5;  // of the progress

}  // namespace

Result<CheckReport> check_recording(const std::string& path, const OpenProgress& progress) {
  OpenProgress opening;
  if (progress) opening = [&](double share) { return progress(share * kOpeningShare); };
  auto opened = Recording::open(path, OpenBy::kReadingAll, opening);
  if (!opened) return tl::unexpected(opened.error());
  Recording& recording = **opened;
  CheckReport report;
  report.complete = recording.complete();
  report.dropped_bytes = recording.dropped_bytes();
  report.damaged_chunks = recording.damaged_chunks();
  report.damaged_messages = recording.damaged_messages();
  report.events = recording.extent().end_seq;
  for (const LossMark& loss : recording.losses()) report.lost += loss.count;
  report.lost_stretches = recording.lost();
  report.trailing_bytes = recording.trailing_bytes();

  Replica replica;
  const auto note = [&](std::optional<Refusal> refusal, uint64_t seq, int64_t ns) {
    for (; refusal; refusal = replica.next_refusal()) {
      ++report.refusal_count;
      if (report.refusals.size() < CheckReport::kMaxListed)
        report.refusals.push_back({recording.lost_stretches().number_of(seq), ns, std::move(*refusal)});
    }
  };
  const auto losses = recording.losses();
  size_t loss = 0, keyframe = 0;
  bool doubt = false;
  // A recording that was begun in a running session begins with its state.
  if (recording.keyframes() > 0 && recording.keyframe_seq(0) == 0) {
    doubt = !recording.read_keyframe(0, replica);
    if (doubt) replica.declare_loss(1);
    keyframe = 1;
  }
  std::vector<Event> events;
  for (uint64_t seq = 0; seq < report.events;) {
    const double share = static_cast<double>(seq) / static_cast<double>(report.events);
    if (progress && !progress(kOpeningShare + share * (1 - kOpeningShare)))
      return fail("checking it was cancelled.");
    events.clear();
    const auto count = recording.read(seq, 1 << 16, events);
    if (!count) return tl::unexpected(count.error());
    for (const Event& event : events) {
      const auto losses_to = [&](size_t end) {
        for (; loss < end && losses[loss].seq == seq; ++loss) {
          replica.declare_loss(losses[loss].count);
          doubt = true;
        }
      };
      for (; keyframe < recording.keyframes() && recording.keyframe_seq(keyframe) <= seq; ++keyframe) {
        losses_to(recording.keyframe_losses(keyframe));
        if (doubt && recording.keyframe_seq(keyframe) == seq && recording.read_keyframe(keyframe, replica))
          doubt = false;
      }
      losses_to(losses.size());
      note(replica.apply(event), seq, event.ns);
      if (recording.settles_at(seq + 1) && !replica.settled()) note(replica.finish(), seq, event.ns);
      ++seq;
    }
  }
  report.cycles = replica.cycle();
  for (const SpanPicture& span : replica.spans()) report.spans += span.id != kNoId ? 1 : 0;
  report.final_hash = replica.hash();
  return report;
}

}  // namespace sweepscope::telemetry
