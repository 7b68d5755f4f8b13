#include "telemetry/server/viewer.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace sweepscope::telemetry {

SharedBytes frame_of(Content content, std::string_view message) {
  const std::string head = envelope_head(content, message.size());
  std::string frame = frame_head(head.size() + message.size());
  frame.reserve(frame.size() + head.size() + message.size());
  frame.append(head).append(message);
  return std::make_shared<const std::string>(std::move(frame));
}

void Viewer::queue(SharedBytes bytes) {
  queued_bytes_ += bytes->size();
  queue_.push_back(std::move(bytes));
}

bool Viewer::queue_answer(const SharedBytes& bytes) {
  if (queued_bytes_ + bytes->size() > cap_) return false;
  queue(bytes);
  return true;
}

void Viewer::set_newest(const SharedBytes& bytes) {
  if (watches_) newest_ = bytes;
}

void Viewer::queue_batch(const SharedBytes& bytes, uint64_t first_seq, uint64_t events) {
  if (standing_ == Standing::kNew) return;  // its first snapshot will include the batch
  if (standing_ == Standing::kFollows && queued_bytes_ + bytes->size() <= cap_) {
    queue(bytes);
    return;
  }
  if (standing_ == Standing::kFollows) {
    standing_ = Standing::kBehind;
    missed_ = {first_seq, 0, 0};
  }
  missed_.events += events;
  ++missed_.batches;
  lost_events_ += events;
}

void Viewer::queue_snapshot(const SharedBytes& bytes) {
  if (standing_ == Standing::kBehind) queue(frame_of(Content::kLoss, encode_loss(missed_)));
  standing_ = Standing::kFollows;
  queue(bytes);
}

Viewer::Progress Viewer::write_some() {
  while (true) {
    if (newest_ != nullptr && written_ == 0) {
      queued_bytes_ += newest_->size();
      queue_.push_front(std::exchange(newest_, nullptr));
    }
    if (queue_.empty()) return Progress::kIdle;
    const std::string& bytes = *queue_.front();
    const ssize_t sent =
        ::send(fd_.get(), bytes.data() + written_, bytes.size() - written_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Progress::kBlocked : Progress::kGone;
    written_ += static_cast<size_t>(sent);
    if (written_ < bytes.size()) continue;
    queued_bytes_ -= bytes.size();
    written_ = 0;
    queue_.pop_front();
  }
}

}  // namespace sweepscope::telemetry
