// Folds the events of one span in the order of its transition numbers: the allocation T1, the arcs T2..T8 and
// the free T9.
#include <fmt/format.h>

#include <algorithm>

#include "telemetry/model/size_class.h"
#include "telemetry/replica/replica_state.h"

namespace sweepscope::telemetry {

namespace {

std::string arc_text(const ArcSpec& arc, const Transition& t) {
  return fmt::format("{} of span {}", arc.name, t.span);
}

}  // namespace

bool Replica::State::grow_to_span(SpanId id) {
  if (id < spans.size()) return true;
  if (id >= kMaxSpans) return false;
  const size_t size = std::min<size_t>(kMaxSpans, std::max<size_t>(size_t{id} + 1, spans.size() * 2));
  spans.resize(size);
  order.resize(size);
  return true;
}

// Transition numbers order the events of one span across threads.
void Replica::State::on_span_event(const Event& event, SpanId id, uint32_t number) {
  if (!grow_to_span(id)) {
    refuse("bounds", fmt::format("Span {} is out of range: a heap has at most {} spans.", id, kMaxSpans));
    return;
  }
  SpanPicture& span = spans[id];
  SpanOrder& own = order[id];
  const uint32_t ahead = number - span.number;  // modulo 2^32; 1 = the next one
  if (ahead == 0 || ahead > 0x80000000u) {
    if (span.unknown || doubt) return;  // late: after a declared loss it was taken for lost
    refuse("number",
           fmt::format("Span {}: transition {} is repeated, the last one was {}.", id, number, span.number));
    return;
  }
  if (ahead > 1) {
    if (own.losses_seen == losses) {
      hold_early(event, id);
      fold_t1_without_pages(id);
      return;
    }
    span.unknown = true;  // an event of it was lost
    span.id = id;
  }
  if (!loss_under_way) own.losses_seen = losses;  // until a stop, older events may still be missing
  const Verdict verdict = fold_span_event(event, Patience::kMayHold);
  if (own.early > 0 && verdict == Verdict::kFolded) advanced.push_back(id);
  if (own.early > 0 && verdict == Verdict::kHeld) fold_t1_without_pages(id);
}

Verdict Replica::State::fold_span_event(const Event& event, Patience patience) {
  if (const auto* t = std::get_if<Transition>(&event.body)) return fold(event, *t, patience);
  if (const auto* a = std::get_if<SpanAllocated>(&event.body)) return fold(event, *a, patience);
  return fold(event, std::get<SpanFreed>(event.body), patience);
}

void Replica::State::release_from_cache(SpanPicture& span) {
  if (span.owner == kNoP) return;
  if (span.owner < ps.size() && span.span_class < kSpanClasses) {
    PPicture& p = ps[span.owner];
    if (p.cache[span.span_class] == span.id) {
      p.cache[span.span_class] = kNoId;
      --p.cached;
      if (waiting > 0) changed.push_back(hold_key_of_p(span.owner));
    }
  }
  span.owner = kNoP;
}

// Another span takes its slot: the refill was refused, or the event that emptied the slot was lost.
void Replica::State::evict(SpanPicture& span) {
  span.owner = kNoP;
  if (doubt) span.unknown = true;
}

void Replica::State::put_in_cache(SpanPicture& span, uint16_t p) {
  release_from_cache(span);
  if (p >= ps.size() || span.span_class >= kSpanClasses) return;
  SpanId& slot = ps[p].cache[span.span_class];
  if (slot == kNoId)
    ++ps[p].cached;
  else
    evict(spans[slot]);
  slot = span.id;
  span.owner = p;
}

// Frees the pages of a span; its picture keeps them as its last place.
void Replica::State::free_pages(SpanPicture& span) {
  for (uint32_t page = span.first_page; page < span.first_page + span.pages; ++page)
    if (page < span_of_page.size() && span_of_page[page] == span.id) span_of_page[page] = kNoId;
  dirty.add(span.first_page, span.first_page + span.pages);
  if (waiting > 0) changed.push_back(hold_key_of_pages(span.id));
}

Verdict Replica::State::fold(const Event& event, const Transition& t, Patience patience) {
  SpanPicture& span = spans[t.span];
  SpanOrder& own = order[t.span];
  const size_t refused_before = refused.size();
  const bool certain = !span.unknown && !doubt;
  const auto sound = [&] { return refused.size() == refused_before; };

  const ArcSpec* arc = find_arc(t.arc);
  if (arc == nullptr) {
    refuse("arc", fmt::format("Span {}: arc code {} is unknown.", t.span, static_cast<int>(t.arc)));
    span.number = t.number;
    return Verdict::kFolded;
  }
  if (span.status != SpanStatus::kInUse) {
    if (!span.unknown && !doubt)
      refuse(arc->name,
             fmt::format("{}: the span is {}, only a span in use has a sweep state.", arc_text(*arc, t),
                         span.status == SpanStatus::kFree ? "free" : "a stack"));
    span.number = t.number;
    span.sweepgen = t.to;
    span.unknown = span.unknown || doubt;
    span.id = t.span;
    if (t.arc == Arc::kT2 || t.arc == Arc::kT4) lose_heap(event.ns);
    return Verdict::kFolded;
  }

  // Generations: the step of the arc, then the epoch, then the span's sweepgen.
  const uint32_t implied = t.from - static_cast<uint32_t>(arc->from);
  if (t.to - implied != static_cast<uint32_t>(arc->to))
    refuse(arc->name, fmt::format("{} goes from {} to {} ({:+}), but {} is the step from {:+} to {:+}.",
                                  arc_text(*arc, t), t.from, t.to, static_cast<int32_t>(t.to - t.from),
                                  arc->name, arc->from, arc->to));
  else
    check_epoch(implied, arc->name, t.span);
  if (sound() && certain && t.from != span.sweepgen)
    refuse(arc->name,
           fmt::format("{} starts from {}, but the span {}: its sweepgen is {}, sg is {}.", arc_text(*arc, t),
                       t.from, state_text(span.sweepgen, sweepgen), span.sweepgen, sweepgen));
  // Ownership.
  if (t.p != kNoP && !ensure_p(t.p))
    refuse(arc->name,
           fmt::format("{} names P{}, but the number of Ps is {}.", arc_text(*arc, t), t.p, ps.size()));
  if (sound() && certain) {
    if (t.arc == Arc::kT2) {
      if (t.p == kNoP) {
        refuse("T2", fmt::format("{} does not name the P whose cache it enters.", arc_text(*arc, t)));
      } else if (span.owner != kNoP) {
        refuse("I6", fmt::format("{} puts it into the cache of P{}, but it is in the cache of P{}.",
                                 arc_text(*arc, t), t.p, span.owner));
      } else {
        const PPicture& p = ps[t.p];
        const SpanId there = p.cache[span.span_class];
        const bool stale_p = p.flush_gen != sweepgen;
        if ((there != kNoId || stale_p || p_has_early_event(t.p) || held_before(hold_key_of_p(t.p), event)) &&
            patience == Patience::kMayHold) {
          hold(event, hold_key_of_p(t.p));
          return Verdict::kHeld;
        } else if (stale_p)
          refuse(
              "flush_gen",
              fmt::format("{}: P{} was last flushed at {}, sg is {}: it must be flushed before it refills.",
                          arc_text(*arc, t), t.p, p.flush_gen, sweepgen));
        else if (there != kNoId)
          refuse("I6", fmt::format("{}: class {} of P{} already holds span {}.", arc_text(*arc, t),
                                   span.span_class, t.p, there));
      }
    } else if (leaves_cache(t.arc) && span.owner != t.p) {
      refuse(t.arc == Arc::kT7 ? "I5" : "I6",
             fmt::format("{} removes it from the cache of {}, but it is in the cache of {}.",
                         arc_text(*arc, t), p_text(t.p), p_text(span.owner)));
    } else if (t.arc == Arc::kT6 && span.owner != kNoP) {
      refuse("I5", fmt::format("{}: the span is in the cache of P{}, only its flusher may sweep it.",
                               arc_text(*arc, t), span.owner));
    } else if (ends_sweep(t.arc) && own.sweeper_stream != kNoId &&
               (own.sweeper_stream != event.stream || (own.sweeper_p != kNoP && own.sweeper_p != t.p))) {
      refuse("I4",
             fmt::format("{} by thread {} with {}, but thread {} with {} is sweeping it.", arc_text(*arc, t),
                         event.stream, p_text(t.p), own.sweeper_stream, p_text(own.sweeper_p)));
    }
  }

  count_in_heap(event, t);
  uncount(span);
  span.sweepgen = t.to;
  count(span);
  if (t.arc == Arc::kT2)
    put_in_cache(span, t.p);
  else if (leaves_cache(t.arc))
    release_from_cache(span);
  // A flusher may act for an idle P: T7 then names the idle P, T8 the flusher's own, so only the thread is
  // compared.
  if (begins_sweep(t.arc)) own = {event.stream, own.losses_seen, t.arc == Arc::kT6 ? t.p : kNoP, own.early};
  if (ends_sweep(t.arc)) own.sweeper_stream = kNoId;
  span.number = t.number;
  span.alloc_count = t.alloc_count;
  span.list = t.list;
  span.changed_ns = event.ns;
  dirty.add(span.first_page, span.first_page + span.pages);
  return Verdict::kFolded;
}

// A span with lost events may have been allocated again: with another class, at another place.
void Replica::State::count_in_heap(const Event& event, const Transition& t) {
  if (t.arc != Arc::kT2 && t.arc != Arc::kT4) return;
  const SpanPicture& span = spans[t.span];
  if (span.unknown || span.span_class < 2) return lose_heap(event.ns);
  const uint64_t free = free_slot_bytes(span.span_class, span.pages, t.alloc_count);
  add_to_heap(event.ns, t.arc == Arc::kT2 ? free : -free);
}

Verdict Replica::State::fold(const Event& event, const SpanAllocated& a, Patience patience) {
  SpanPicture& span = spans[a.span];
  const bool manual = a.span_class == kManualSpanClass;
  if (a.pages == 0 || a.pages > kMaxPages || a.first_page > kMaxPages - a.pages) {
    span.number = a.number;
    refuse("bounds",
           fmt::format("T1 of span {}: {} pages from page {} are out of range; a heap has at most {} pages.",
                       a.span, a.pages, a.first_page, kMaxPages));
    return Verdict::kFolded;
  }
  if (!manual && a.span_class >= kSpanClasses) {
    span.number = a.number;
    refuse("bounds", fmt::format("T1 of span {}: there is no span class {}.", a.span, a.span_class));
    return Verdict::kFolded;
  }
  order[a.span].pages_held = kNoId;
  const uint32_t end = a.first_page + a.pages;
  if (patience == Patience::kMayHold && !doubt) {
    for (uint32_t page = a.first_page; page < std::min(end, page_extent); ++page) {
      const SpanId there = span_of_page[page];
      if (there == kNoId || there == a.span || spans[there].unknown) continue;
      hold(event, hold_key_of_pages(there));
      order[a.span].pages_held = there;
      return Verdict::kHeld;
    }
  }
  if (!manual) check_epoch(a.sweepgen, "T1", a.span);
  if (span.status != SpanStatus::kFree) {
    if (!span.unknown && !doubt) refuse("T1", fmt::format("T1 of span {}: it is already allocated.", a.span));
    release_from_cache(span);
    uncount(span);
    free_pages(span);
  }

  claim_pages(a);
  set_allocated(event, a);
  dirty.add(a.first_page, end);
  return Verdict::kFolded;
}

void Replica::State::claim_pages(const SpanAllocated& a) {
  const uint32_t end = a.first_page + a.pages;
  if (end > page_extent) {
    census.free_pages += end - page_extent;
    page_extent = end;
    if (span_of_page.size() < end) span_of_page.resize(std::max<size_t>(end, span_of_page.size() * 2), kNoId);
  }
  bool reported = false;
  for (uint32_t page = a.first_page; page < end; ++page) {
    const SpanId there = span_of_page[page];
    if (there != kNoId) {  // the newer span replaces it: its free was lost, or this T1 was refused
      SpanPicture& old = spans[there];
      if (!reported && !old.unknown && !doubt)
        refuse("T1", fmt::format("T1 of span {} takes pages {} to {}, but page {} belongs to span {}.",
                                 a.span, a.first_page, end - 1, page, there));
      reported = true;
      release_from_cache(old);
      uncount(old);
      free_pages(old);
      old.status = SpanStatus::kFree;
    }
    span_of_page[page] = a.span;
  }
}

void Replica::State::set_allocated(const Event& event, const SpanAllocated& a) {
  SpanPicture& span = spans[a.span];
  span = SpanPicture{.id = a.span,
                     .status = a.span_class == kManualSpanClass ? SpanStatus::kManual : SpanStatus::kInUse,
                     .span_class = a.span_class,
                     .first_page = a.first_page,
                     .pages = a.pages,
                     .sweepgen = a.sweepgen,
                     .number = a.number,
                     .changed_ns = event.ns};
  order[a.span].sweeper_stream = kNoId;
  count(span);
  if (a.span_class < 2) add_to_heap(event.ns, uint64_t{a.pages} * kPageBytes);
}

Verdict Replica::State::fold(const Event& event, const SpanFreed& f, Patience) {
  SpanPicture& span = spans[f.span];
  const bool certain = !span.unknown && !doubt;
  if (span.status == SpanStatus::kFree) {
    if (certain) refuse("T9", fmt::format("T9 of span {}: it is already free.", f.span));
  } else if (certain) {
    if (f.first_page != span.first_page || f.pages != span.pages)
      refuse("T9", fmt::format("T9 of span {} frees {} pages from {}, but it has {} from {}.", f.span,
                               f.pages, f.first_page, span.pages, span.first_page));
    else if (span.owner != kNoP)
      refuse("I5", fmt::format("T9 of span {}: it is in the cache of P{}.", f.span, span.owner));
    else if (span.status == SpanStatus::kInUse && decode(span.sweepgen, sweepgen) != SweepState::kSwept)
      refuse("T9", fmt::format("T9 of span {}: it {}, only a swept span may be freed.", f.span,
                               state_text(span.sweepgen, sweepgen)));
    else if (f.sweepgen != span.sweepgen)
      refuse("T9", fmt::format("T9 of span {} reports sweepgen {}, but it has {}.", f.span, f.sweepgen,
                               span.sweepgen));
  }
  if (span.status != SpanStatus::kFree) {
    release_from_cache(span);
    uncount(span);
    free_pages(span);
  }
  span.id = f.span;
  span.status = SpanStatus::kFree;
  span.list = ListMembership::kNone;
  span.alloc_count = 0;
  span.unknown = false;  // nothing of a free span can be lost
  span.number = f.number;
  span.changed_ns = event.ns;
  return Verdict::kFolded;
}

}  // namespace sweepscope::telemetry
