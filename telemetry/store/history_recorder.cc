#include "telemetry/store/history_recorder.h"

#include <algorithm>

namespace sweepscope::telemetry {

Result<std::unique_ptr<HistoryRecorder>> HistoryRecorder::create(const std::string& path, History& history) {
  Replica start;
  const uint64_t first = history.extent().first_seq;
  if (auto sought = history.seek(first, start); !sought) return tl::unexpected(sought.error());
  auto recorder = Recorder::create(path, history.info(), &start);
  if (!recorder) return tl::unexpected(recorder.error());
  std::unique_ptr<HistoryRecorder> made(new HistoryRecorder);
  made->recorder_ = std::move(*recorder);
  made->next_seq_ = first;
  history.keep_from(first);
  return made;
}

bool HistoryRecorder::take(History& history, size_t max, uint64_t end_seq) {
  events_.clear();
  resume_.reset();
  lost_before_ = 0;
  const uint64_t first = history.next_in_memory(next_seq_);
  if (next_seq_ < first && first <= end_seq) {
    resume_.emplace();
    if (!history.seek(first, *resume_)) resume_.reset();
    next_seq_ = first;
  }
  first_seq_ = next_seq_;
  // A stretch ends where events were lost: the loss lies before the next one.
  uint64_t end = std::min<uint64_t>(end_seq, next_seq_ + std::min<size_t>(max, kBatchEvents));
  for (const LossMark& loss : history.losses()) {
    if (loss.seq == next_seq_) lost_before_ += loss.count;
    if (loss.seq > next_seq_ && loss.seq < end) end = loss.seq;
  }
  if (end > next_seq_ && !history.read(next_seq_, static_cast<size_t>(end - next_seq_), events_))
    events_.clear();
  next_seq_ += events_.size();
  history.keep_from(next_seq_);
  return resume_ || !events_.empty();
}

void HistoryRecorder::write() {
  if (resume_) recorder_->resume_from(*resume_, first_seq_);
  resume_.reset();
  if (events_.empty()) return;
  recorder_->consume({first_seq_, static_cast<uint32_t>(events_.size()), lost_before_,
                      encoder_.encode(events_, first_seq_, lost_before_), events_});
}

}  // namespace sweepscope::telemetry
