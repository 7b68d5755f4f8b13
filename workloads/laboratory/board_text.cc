#include "workloads/laboratory/board_text.h"

#include <fmt/format.h>

#include "telemetry/lessons/condition.h"
#include "telemetry/lessons/facts.h"

namespace sweepscope::workloads {
namespace {

using telemetry::BenchThreadState;
using telemetry::BoardPlace;
using telemetry::BoardQueue;

std::string place(const telemetry::BoardSpan& span) {
  switch (span.place) {
    case BoardPlace::kNonempty: return "nonempty";
    case BoardPlace::kEmpty: return "empty";
    case BoardPlace::kCache: return fmt::format("P{}", span.p);
    case BoardPlace::kLarge: return "large";
    default: return "no list";
  }
}

std::string signed_text(int32_t distance) { return distance == 0 ? "0" : fmt::format("{:+}", distance); }

std::string text(const telemetry::BoardSpan& span) {
  std::string words = fmt::format("span {} {} ({}) {}/{} {}", span.id, telemetry::lessons::name(span.state),
                                  signed_text(span.distance), telemetry::lessons::Facts::slots_taken(span),
                                  span.nelems, place(span));
  if (span.queue == BoardQueue::kSwept) words += ", swept queue";
  if (span.queue == BoardQueue::kUnswept) words += ", unswept queue";
  if (span.queue == BoardQueue::kBoth) words += ", both queues";
  return words;
}

std::string size(uint64_t bytes) {
  return bytes % 1024 == 0 ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} B", bytes);
}

std::string text(const telemetry::BoardPacing& pacing) {
  std::string words = " | heap live " + size(pacing.heap_live);
  if (pacing.trigger) words += ", trigger " + size(*pacing.trigger);
  if (pacing.goal) words += ", goal " + size(*pacing.goal);
  if (pacing.credit) words += fmt::format(", workers' credit {}", *pacing.credit);
  if (pacing.owed_pages) words += fmt::format(", {} to sweep before the next refill", *pacing.owed_pages);
  return words;
}

std::string number_list(const std::vector<uint32_t>& numbers) {
  std::string words;
  for (const uint32_t number : numbers)
    if (number != 0) words += fmt::format("{}{}", words.empty() ? "" : ", ", number);
  return words.empty() ? "nothing" : words;
}

std::string text(const telemetry::BoardObject& object) {
  std::string words = fmt::format("object {}", object.number);
  if (object.colour != telemetry::ObjectColour::kNone)
    words += fmt::format(" {}", telemetry::lessons::name(object.colour));
  return words + fmt::format(" -> {}", number_list(object.refs));
}

std::string text(const telemetry::BoardRoot& root, const telemetry::BenchView& view) {
  std::string of = "Globals";
  for (const telemetry::BenchThread& thread : view.threads)
    if (root.kind != telemetry::RootKind::kGlobals && thread.thread == root.thread)
      of = (root.kind == telemetry::RootKind::kStack ? "stack of " : "write barrier of ") + thread.name;
  const char* scan = root.scan == telemetry::RootScan::kWaiting   ? " (not scanned)"
                     : root.scan == telemetry::RootScan::kScanned ? " (scanned)"
                                                                  : "";
  return fmt::format("{}{} -> {}", of, scan, number_list(root.objects));
}

}  // namespace

std::string board_text(const telemetry::BenchView& view) {
  const telemetry::Board& board = view.board;
  std::string all = fmt::format("sg {}{}", board.sg, board.stopped ? ", stopped" : "");
  if (board.pacing && board.pacing->matters()) all += text(*board.pacing);
  for (const telemetry::BoardSpan& span : board.spans)
    if (span.place != BoardPlace::kFree && span.place != BoardPlace::kManual) all += " | " + text(span);
  for (const telemetry::BoardP& p : board.ps) {
    all += fmt::format(" | P{}{}", p.id, telemetry::awaits_flush(p) ? " not flushed" : "");
    for (const telemetry::BenchThread& thread : view.threads)
      if (thread.thread == p.thread) all += ", " + thread.name;
  }
  for (const telemetry::BenchThread& thread : view.threads) {
    if (thread.assist_credit.value_or(0) == 0) continue;
    all += fmt::format(" | {} has credit {}", thread.name, *thread.assist_credit);
  }
  for (const telemetry::BoardRoot& root : board.roots) all += " | " + text(root, view);
  for (const telemetry::BoardObject& object : board.objects) all += " | " + text(object);
  for (const telemetry::BenchRule& rule : board.rules)
    if (rule.state != telemetry::BenchRuleState::kHolds) all += " | " + rule.rule + " violated: " + rule.text;
  return all;
}

std::string threads_text(const telemetry::BenchView& view) {
  std::string all;
  for (const telemetry::BenchThread& thread : view.threads) {
    if (thread.state == BenchThreadState::kEnded) continue;
    const char* state = thread.state == BenchThreadState::kBlocked      ? "is blocked: "
                        : thread.state == BenchThreadState::kMustChoose ? "must choose: "
                                                                        : "can run: ";
    std::string next = thread.text;
    if (thread.state == BenchThreadState::kMustChoose)
      next = fmt::format("{}", fmt::join(thread.alternatives, " | "));
    all += fmt::format("  '{}' {}{}\n", thread.name, state, next);
  }
  return all;
}

}  // namespace sweepscope::workloads
