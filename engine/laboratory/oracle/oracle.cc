#include "engine/laboratory/oracle/oracle.h"

#include <algorithm>
#include <array>

#include "engine/memory/size_class.h"

namespace sweepscope::engine::inline SWEEPSCOPE_BUILD {
namespace {

// Belongs to the OS thread that explores, like driver(): no engine code runs outside its fibers there.
thread_local Witness* current = nullptr;

}  // namespace

Witness* witness() { return current; }

}  // namespace sweepscope::engine::inline SWEEPSCOPE_BUILD

namespace sweepscope::laboratory {
namespace {

std::string span_name(uint32_t span) { return "span " + std::to_string(span); }
std::string p_name(uint32_t p) { return "P" + std::to_string(p); }
std::string object_name(uint32_t number) { return "object " + std::to_string(number); }

// A sweepgen relative to h: "h+3", "h-2"...
std::string relative(uint32_t raw, uint32_t h) {
  const auto distance = static_cast<int32_t>(raw - h);
  if (distance == 0) return "h";
  return (distance > 0 ? "h+" : "h") + std::to_string(distance);
}

// The words that hold a pattern: the ends of the content, and one between them.
struct PatternWord {
  uint64_t* at;
  uint64_t value;
};
std::array<PatternWord, 3> pattern(uintptr_t from, size_t bytes, uint32_t number) {
  const uintptr_t first = (from + 7) & ~uintptr_t{7};
  const size_t words = (from + bytes - first) / 8;
  std::array<PatternWord, 3> pattern{};
  for (size_t i = 0; i < pattern.size(); ++i) {
    const uintptr_t at = first + (words - 1) * i / 2 * 8;
    // Of the place too: a neighbour's or a copied pattern is another one.
    pattern[i] = {reinterpret_cast<uint64_t*>(at), (at ^ uint64_t{number} << 40) * 0x9E3779B97F4A7C15u | 1};
  }
  return pattern;
}
constexpr size_t kLeastContent = 16;  // bytes: holds an aligned word wherever it begins

}  // namespace

void set_witness(engine::Witness* witness) { engine::current = witness; }

Oracle::Span& Oracle::at(uint32_t span) {
  if (span >= spans_.size()) spans_.resize(span + 1);
  ++facts_;
  // Conclusions depend on the order of facts about one span: a search must try both orders.
  if (scheduler_.watching()) scheduler_.note_access(engine::Word::kNone, span, true, 0);
  return spans_[span];
}

void Oracle::add_state(Digest& digest) const {
  for (const Span& s : spans_) {
    digest.add((uint64_t{s.cache} << 32) | s.sweeper);
    digest.add((uint64_t{s.due} << 32) | (s.done << 1) | (s.in_use ? 1 : 0));
  }
  // The set of live objects, independent of their order.
  uint64_t objects = 0;
  for (const Object& object : objects_) {
    Digest one;
    one.add(object.address);
    one.add(object.bytes);
    one.add((object.token << 8) | (static_cast<uint64_t>(object.finalizer) << 1) | (object.dropped ? 1 : 0));
    objects += one.value();
  }
  digest.add(objects);
  digest.add(allocated_since_);
  digest.add(pacing_.least_trigger);
  digest.add(pacing_.most_bound);
  digest.add((uint64_t{pacing_.marking[0]} << 32) | pacing_.marking[1]);
  digest.add((uint64_t{pacing_.takers.size()} << 32) | pacing_.held);
  digest.add((uint64_t{crew_.spans} << 32) | (crew_.working << 1) | (crew_.stopped ? 1 : 0));
  for (const uint32_t due : crew_.flushes) digest.add(due);
}

std::string Oracle::running_name() const {
  const uint32_t fiber = scheduler_.running();
  return std::string(scheduler_.fiber_name(fiber)) + " (fiber " + std::to_string(fiber) + ")";
}

void Oracle::broken(uint32_t rule, uint32_t span, const std::string& sentence) {
  scheduler_.oracle_violation(rule, span, sentence);
}

uint32_t Oracle::cached_mark(uint32_t h) const {
  return h + (scheduler_.fault(engine::Fault::kCachedIsPlusTwo) ? 2 : 3);
}

// --- spans and caches ------------------------------------------------------------------------------------

void Oracle::span_allocated(uint32_t span) {
  Span& s = at(span);
  if (s.in_use)
    broken(2, span, running_name() + " makes " + span_name(span) + " of pages that are still in use");
  s = Span{};
  s.in_use = true;
}

void Oracle::span_freed(uint32_t span) {
  Span& s = at(span);
  for (const Object& object : objects_)
    if (object.span == span)
      broken(2, span,
             running_name() + " frees " + span_name(span) + ", which holds the live " +
                 object_name(object.number));
  if (s.cache != kNone)
    broken(5, span,
           running_name() + " frees " + span_name(span) + " while the mcache of " + p_name(s.cache) +
               " holds it");
  s = Span{};
}

void Oracle::cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h) {
  Span& s = at(span);
  if (s.cache != kNone)
    broken(6, span,
           p_name(p) + " caches " + span_name(span) + ", which the mcache of " + p_name(s.cache) + " holds");
  if (s.sweeper != kNone)
    broken(1, span,
           p_name(p) + " caches " + span_name(span) + " while " +
               std::string(scheduler_.fiber_name(s.sweeper)) + " sweeps it");
  if (raw != h)
    broken(1, span, p_name(p) + " caches " + span_name(span) + " at " + relative(raw, h) + ", not swept (h)");
  s.cache = p;
}

void Oracle::uncached(uint32_t p, uint32_t span) {
  Span& s = at(span);
  if (s.cache == p) s.cache = kNone;
}

// --- objects ---------------------------------------------------------------------------------------------

void Oracle::check_cached(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                          uintptr_t address) {
  const Span& s = at(span);
  const bool mark_left_out = scheduler_.fault(engine::Fault::kRefillNoCachedMark) && raw == h;
  const bool fresh = flush_gen == h && (raw == cached_mark(h) || mark_left_out);
  const bool black = flush_gen == h - 2 && raw == h + 1 && black_ == address;
  if (s.cache != p || (!fresh && !black)) {
    const std::string holder = s.cache == kNone ? "in no mcache" : "in the mcache of " + p_name(s.cache);
    broken(1, span,
           running_name() + " allocates on " + p_name(p) + " from " + span_name(span) + " at " +
               relative(raw, h) + " (" + holder + "), flush_gen " + relative(flush_gen, h) +
               (raw == h + 1 && black_ != address ? ", and leaves the object white" : "") +
               "; it must be h+3 in its own mcache at h");
  }
}

void Oracle::allocated(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                       uintptr_t address, size_t bytes) {
  check_cached(p, span, raw, h, flush_gen, address);
  hand_out(span, address, bytes);
  slot_taken(bytes);
}

void Oracle::blackened(uint32_t span, uintptr_t address) {
  at(span);
  black_ = address;
}

void Oracle::allocated_large(uint32_t span, uintptr_t address, size_t bytes) {
  at(span);
  hand_out(span, address, bytes);
  slot_taken((bytes + engine::kPageSize - 1) / engine::kPageSize * engine::kPageSize);
}

void Oracle::tiny_block(uint32_t p, uint32_t span, uint32_t raw, uint32_t h, uint32_t flush_gen,
                        uintptr_t address, size_t bytes) {
  check_cached(p, span, raw, h, flush_gen, address);
  slot_taken(bytes);
  --crumbs_;  // the slot stands for the first object that is carved from it
}

void Oracle::tiny_carved(uint32_t p, uint32_t span, uintptr_t address, size_t bytes) {
  if (span == engine::kNoSpan)
    broken(2, span,
           running_name() + " carves a tiny object on " + p_name(p) + " from a block that was freed");
  at(span);
  hand_out(span, address, bytes);
  ++crumbs_;
}

void Oracle::slot_taken(size_t bytes) {
  ++slots_taken_;
  allocated_since_ += bytes;
}

void Oracle::hand_out(uint32_t span, uintptr_t address, size_t bytes) {
  if (scheduler_.watching()) scheduler_.note_access(engine::Word::kNone, kObjects, true, 0);
  for (const Object& object : objects_)
    if (address < object.address + object.bytes && object.address < address + bytes)
      broken(2, span,
             running_name() + " allocates a slot of " + span_name(span) + " that holds the live " +
                 object_name(object.number));
  objects_.push_back({address, bytes, span, ++objects_made_});
}

void Oracle::object_dropped(uintptr_t address) {
  if (scheduler_.watching()) scheduler_.note_access(engine::Word::kNone, kObjects, true, 0);
  ++facts_;
  if (scheduler_.every_step()) roster_.dropped(address);
  if (Object* object = find(address)) {
    check_content(*object, "is dropped");
    object->dropped = object->finalizer != Finalizer::kNone;
  }
  std::erase_if(objects_,
                [address](const Object& object) { return object.address == address && !object.dropped; });
}

Oracle::Object* Oracle::find(uintptr_t address) {
  const auto found = std::find_if(objects_.begin(), objects_.end(), [address](const Object& object) {
    return object.address <= address && address < object.address + object.bytes;
  });
  return found == objects_.end() ? nullptr : &*found;
}

// --- contents and finalizers
// ----------------------------------------------------------------------------------------

void Oracle::object_made(uintptr_t address, size_t refs, size_t bytes) {
  ++facts_;
  Object* const object = find(address);
  if (object == nullptr) return;  // it was refused, and the run continues
  if (scheduler_.every_step()) roster_.made(object->number, object->span, address, refs, bytes);
  for (size_t i = 0; i + 8 <= bytes; i += 8)
    if (*reinterpret_cast<const uint64_t*>(address + i) != 0) {
      broken(kContents, object->span,
             "the new " + object_name(object->number) + " is not zero at byte " + std::to_string(i) + " of " +
                 std::to_string(bytes));
      break;
    }
  const bool state_search = scheduler_.by_hand() && !scheduler_.every_step();
  if (state_search || bytes < refs * 8 + kLeastContent) return;
  object->content_from = refs * 8;
  object->content_bytes = bytes - refs * 8;
  for (const PatternWord& word :
       pattern(address + object->content_from, object->content_bytes, object->number))
    *word.at = word.value;
}

void Oracle::check_content(const Object& object, const std::string& when) {
  if (object.content_bytes == 0) return;
  for (const PatternWord& word :
       pattern(object.address + object.content_from, object.content_bytes, object.number)) {
    if (*word.at == word.value) continue;
    broken(kContents, object.span,
           object_name(object.number) + " " + when + " and does not hold what was written to it, at byte " +
               std::to_string(reinterpret_cast<uintptr_t>(word.at) - object.address) + " of " +
               std::to_string(object.bytes));
    return;
  }
}

void Oracle::contents() {
  for (const Object& object : objects_) check_content(object, "lives");
}

void Oracle::finalizer_set(uintptr_t address, uint64_t token) {
  ++facts_;
  Object* const object = find(address);
  if (object == nullptr) return;
  object->finalizer = Finalizer::kSet;
  object->token = token;
}

void Oracle::finalizer_cleared(uintptr_t address) {
  ++facts_;
  if (Object* const object = find(address)) object->finalizer = Finalizer::kNone;
}

void Oracle::finalizer_queued(uintptr_t address, uint64_t token) {
  ++facts_;
  Object* const object = find(address);
  if (object == nullptr || object->finalizer != Finalizer::kSet || object->token != token) {
    broken(kFinalizers, object == nullptr ? engine::kNoSpan : object->span,
           running_name() + " queues the token " + std::to_string(token) +
               ", which was not set or is queued already");
    return;
  }
  if (!object->dropped)
    broken(kFinalizers, object->span,
           running_name() + " queues the finalizer of the live " + object_name(object->number));
  object->finalizer = Finalizer::kQueued;
}

void Oracle::finalizer_taken(uintptr_t address, uint64_t token) {
  ++facts_;
  Object* const object = find(address);
  if (object == nullptr || object->finalizer != Finalizer::kQueued || object->token != token) {
    broken(kFinalizers, object == nullptr ? engine::kNoSpan : object->span,
           running_name() + " takes the token " + std::to_string(token) + ", which no sweep queued");
    return;
  }
  check_content(*object, "comes back with its finalizer");
  object->finalizer = Finalizer::kNone;
  object->dropped = false;
}

void Oracle::finalizers_came() {
  for (const Object& object : objects_)
    if (object.dropped && object.finalizer == Finalizer::kSet)
      broken(kFinalizers, object.span,
             object_name(object.number) + " was dead in a whole cycle, and its finalizer was not queued");
}

// --- sweeps ----------------------------------------------------------------------------------------------

void Oracle::sweep_begun(uint32_t span, uint32_t flusher) {
  Span& s = at(span);
  if (s.sweeper != kNone)
    broken(4, span,
           running_name() + " begins to sweep " + span_name(span) + " while " +
               std::string(scheduler_.fiber_name(s.sweeper)) + " sweeps it");
  if (s.cache != kNone && s.cache != flusher)
    broken(5, span,
           running_name() + " sweeps " + span_name(span) + " while the mcache of " + p_name(s.cache) +
               " holds it");
  if (s.done == s.due)
    broken(3, span,
           running_name() + " sweeps " + span_name(span) +
               (s.due == 0 ? ", which was allocated after the bump" : " for the second time in this cycle"));
  s.sweeper = scheduler_.running();
  s.cache = kNone;
}

void Oracle::slot_freed(uint32_t span, uintptr_t address, size_t bytes) {
  if (scheduler_.watching()) scheduler_.note_access(engine::Word::kNone, kObjects, false, 0);
  at(span);
  ++slots_freed_;
  if (scheduler_.every_step()) roster_.freed(address, bytes);
  for (const Object& object : objects_)
    if (address < object.address + object.bytes && object.address < address + bytes)
      broken(2, span,
             running_name() + " sweeps " + span_name(span) + " and frees the live " +
                 object_name(object.number));
}

void Oracle::sweep_ended(uint32_t span) {
  Span& s = at(span);
  s.sweeper = kNone;
  ++s.done;
}

void Oracle::turned(uint32_t) {
  ++facts_;
  allocated_since_ = 0;
  contents();
  for (Span& s : spans_) {
    s.due = s.in_use ? 1 : 0;
    s.done = 0;
  }
}

void Oracle::cycle_completed() {
  for (uint32_t span = 0; span < spans_.size(); ++span) {
    const Span& s = spans_[span];
    if (s.done == s.due) continue;
    // A P or a sweeper has the span and will sweep it: the cycle returned too early. Otherwise it was lost.
    const bool early = s.done < s.due && (s.cache != kNone || s.sweeper != kNone);
    broken(early ? 13 : 3, span,
           "a forced cycle returned and " + span_name(span) + " was swept " + std::to_string(s.done) +
               " times since the bump, not " + std::to_string(s.due));
  }
}

void Oracle::heap_live(uint64_t heap_live, uint64_t marked, uint64_t promised) {
  ++facts_;
  const uint64_t expected = marked + allocated_since_ + promised;
  if (heap_live != expected)
    broken(9, ~0u,
           "heap_live is " + std::to_string(heap_live) + ", but " + std::to_string(marked) +
               " were marked, " + std::to_string(allocated_since_) + " allocated since and " +
               std::to_string(promised) + " promised to mcaches");
}

void Oracle::accounts(uint64_t allocated, uint64_t freed, uint64_t held) {
  ++facts_;
  const uint64_t made = slots_taken_ + crumbs_, gone = slots_freed_ + crumbs_;
  if (allocated == made && freed == gone && held == slots_taken_ - slots_freed_) return;
  broken(kAccounting, ~0u,
         "the engine counts " + std::to_string(allocated) + " objects allocated, " + std::to_string(freed) +
             " freed and " + std::to_string(held) + " held; the oracle counts " + std::to_string(made) +
             " allocated and " + std::to_string(gone) + " freed");
}

void Oracle::dead_span_kept(uint32_t span) {
  broken(11, span, "sweeping is complete and " + span_name(span) + ", which holds no object, was not freed");
}

void Oracle::popped_free(uint32_t span, uint32_t raw, uint32_t h) {
  at(span);
  if (raw == h || raw == cached_mark(h)) return;
  broken(raw == h - 2 ? 15 : 14, span,
         running_name() + " popped " + span_name(span) + ", which was not in use, and reads " +
             relative(raw, h) + ", not h or h+3");
}

void Oracle::duty_begun(engine::Duty duty) {
  ++facts_;
  duties_.push_back({scheduler_.running(), duty});
}

void Oracle::duty_ended(engine::Duty duty) {
  const auto done = std::find_if(duties_.rbegin(), duties_.rend(), [&](const OpenDuty& open) {
    return open.fiber == scheduler_.running() && open.duty == duty;
  });
  if (done != duties_.rend()) duties_.erase(std::next(done).base());
}

// ensure_swept before the cycle: the cycle often waits for it.
std::string Oracle::liveness() const {
  auto open = [this](engine::Duty duty) {
    return std::any_of(duties_.begin(), duties_.end(), [duty](const OpenDuty& d) { return d.duty == duty; });
  };
  if (open(engine::Duty::kEnsureSwept)) return "L2";
  if (open(engine::Duty::kCycle)) return "L1";
  const bool unswept =
      std::any_of(spans_.begin(), spans_.end(), [](const Span& s) { return s.done < s.due; });
  return unswept ? "L3" : "";
}

void Oracle::check_settled(const char* when, uint32_t span, uint32_t raw, uint32_t h) {
  if (raw != h && raw != cached_mark(h))
    broken(
        7, span,
        std::string(when) + " and " + span_name(span) + " is at " + relative(raw, h) + ", not at h or h+3");
}

void Oracle::check_flushed(const char* when, uint32_t p, uint32_t flush_gen, uint32_t h) {
  ++facts_;
  if (flush_gen != h)
    broken(7, ~0u,
           std::string(when) + " and the mcache of " + p_name(p) + " is at " + relative(flush_gen, h) +
               ", not at h");
}

void Oracle::stw_swept_span(uint32_t span, uint32_t raw, uint32_t h) {
  at(span);
  check_settled("a sweep of the stopped world has ended", span, raw, h);
}

void Oracle::stw_swept_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) {
  check_flushed("a sweep of the stopped world has ended", p, flush_gen, h);
}

void Oracle::gc_start_span(uint32_t span, uint32_t raw, uint32_t h) {
  const Span& s = at(span);
  check_settled("a cycle begins", span, raw, h);
  if (s.done != s.due)
    broken(3, span,
           "a cycle begins and " + span_name(span) + " was swept " + std::to_string(s.done) +
               " times since the bump, not " + std::to_string(s.due));
}

void Oracle::gc_start_mcache(uint32_t p, uint32_t flush_gen, uint32_t h) {
  check_flushed("a cycle begins", p, flush_gen, h);
  roster_.cycle_begins();
}

// --- marking ---------------------------------------------------------------------------------------------

void Oracle::in_hand(uintptr_t reference, engine::Grey grey) {
  if (scheduler_.every_step()) roster_.in_hand({reference, grey});
}
void Oracle::out_of_hand(uintptr_t reference, engine::Grey grey) {
  if (scheduler_.every_step()) roster_.out_of_hand({reference, grey});
}
void Oracle::globals_visited() {
  if (scheduler_.every_step()) roster_.globals_visited();
}

}  // namespace sweepscope::laboratory
