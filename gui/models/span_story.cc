#include "gui/models/span_story.h"

#include <algorithm>

namespace sweepscope::gui {

using telemetry::Event;
using telemetry::EventLog;

namespace {

constexpr size_t kStoryLength = 40;
constexpr uint64_t kStoryReach = 1'000'000;  // events searched backwards

}  // namespace

SpanStory readStory(EventLog& log, telemetry::SpanId span, uint64_t end, uint32_t sweepgen) {
  SpanStory story;
  story.span = span;
  const auto gap = log.gap();
  const uint64_t first = gap && end > gap->first_seq ? gap->end_seq : log.extent().first_seq;
  const uint64_t stop = end > kStoryReach ? std::max(first, end - kStoryReach) : first;
  std::vector<Event> events;
  std::vector<PlayedEvent> found;  // newest first
  constexpr uint64_t kStride = 8192;
  for (uint64_t at = end; at > stop && !story.complete && found.size() < kStoryLength;) {
    const uint64_t from = at > stop + kStride ? at - kStride : stop;
    events.clear();
    if (!log.read(from, at - from, events)) break;
    for (size_t i = events.size(); i-- > 0 && !story.complete;) {
      const Event& event = events[i];
      const auto* t = std::get_if<telemetry::Transition>(&event.body);
      const auto* a = std::get_if<telemetry::SpanAllocated>(&event.body);
      const auto* f = std::get_if<telemetry::SpanFreed>(&event.body);
      if (const auto* turn = std::get_if<telemetry::Turn>(&event.body)) sweepgen = turn->from;
      if ((t && t->span == span) || (a && a->span == span) || (f && f->span == span))
        found.push_back({from + i, event, sweepgen});
    }
    at = from;
    story.complete = at == first;
  }
  std::reverse(found.begin(), found.end());
  story.events = std::move(found);
  return story;
}

}  // namespace sweepscope::gui
