// Words and numbers of the protocol, as the dashboard has them; and how elements are made. Texts of the recording
// become text nodes, never markup.
'use strict';

// States of a span, in the order of the ruler and its tray. distance: sweepgen - sg.
const STATES = {
  needs: {
    distance: -2,
    name: 'needs sweep',
    letter: 'N',
    meaning: 'not swept since the last collection: may hold garbage'
  },
  sweeping: {distance: -1, name: 'being swept', letter: 'W', meaning: 'one thread is sweeping it'},
  swept: {distance: 0, name: 'swept, ready', letter: 'R', meaning: 'swept in this cycle or new, and in no cache'},
  stale: {
    distance: 1,
    name: 'stale cached',
    letter: 'S',
    meaning: 'cached before the collection ended: only a flush of its cache may sweep it'
  },
  cached: {distance: 3, name: 'cached', letter: 'C', meaning: 'swept, then cached: only its P may use it'},
  illegal: {distance: null, name: 'illegal', letter: '', meaning: 'a distance that no correct run produces'},
  free: {distance: null, name: 'free', letter: '', meaning: 'pages that belong to no span'},
  stack: {distance: null, name: 'stack', letter: 'K', meaning: 'holds a stack, not objects: never swept'}
};

const ARCS = {
  T1: 'a new span starts as swept',
  T2: 'a swept span becomes cached',
  T3: 'a full span leaves its cache',
  T4: 'a cached span that is not stale is given back',
  T5: 'the turn: sg grows by 2 and relabels all spans at once',
  T6: 'a sweeper claims an unswept span',
  T7: 'the flusher of a cache claims a stale span in it',
  T8: 'the sweep of a span ends',
  T9: 'a span without objects returns its pages',
  T10: 'a swept span enters the swept queue'
};

// The rules of the oracle, a shadow heap outside the engine.
const RULES = {
  I1: 'a P allocates only from a cached span (+3) in its own, flushed mcache',
  I2: 'no live object is freed or allocated again',
  I3: 'each span is swept exactly once per cycle',
  I4: 'at most one sweeper owns a span, and the span reads \u22121 meanwhile',
  I5: 'a span in an mcache is swept only by the flush of that mcache',
  I6: 'a span is in at most one mcache, and reads +1 or +3 exactly while it is',
  I7: 'when a cycle begins, all spans are swept and all mcaches are flushed',
  I8: 'a span is on the list and in the queue that its state requires',
  I9: 'heap_live is the bytes marked plus the bytes allocated since',
  I10: 'objects allocated minus objects freed equals the objects in the spans',
  I11: 'when sweeping is complete, no list holds a span without objects',
  I12: 'a span\u2019s object count agrees with its alloc bits',
  I13: 'sweeping counts as complete only when every span is swept',
  I14: 'a free span that a sweeper finds reads 0 or +3',
  I15: 'a free span never looks unswept to a sweeper',
  accounting: 'objects allocated minus objects freed equals the live objects',
  contents: 'a new object is zeroed, and a live object keeps its contents',
  finalizers: 'a finalizer is delivered once, for a dead object whose contents are intact',
  L1: 'every cycle and its flush barrier finish',
  L2: 'every thread that waits for a span to be swept eventually continues',
  L3: 'every span is swept before the next cycle'
};

const PLACES = {
  free: 'free in the mheap',
  nonempty: 'in the mcentral\u2019s list nonempty',
  empty: 'in the mcentral\u2019s list empty',
  between: 'between two places: on no list and in no cache',
  large: 'a large object',
  manual: 'a stack'
};

const QUEUES = {none: '', swept: 'swept queue', unswept: 'unswept queue', both: 'both queues'};

// Words of engine::Word, by number.
const WORD_SG = 1,
  WORD_SWEEPGEN = 2,
  LAST_WORD_OF_A_SPAN = 5;

// The state whose sweepgen is at this distance to sg. Sweepgens are 32 bits and wrap around.
function stateAt(sweepgen, sg) {
  const distance = (sweepgen - sg) | 0;
  return Object.keys(STATES).find((key) => STATES[key].distance === distance) || 'illegal';
}

// As it is drawn: free pages and stacks have no sweep state.
function shownState(span) {
  if (span.place === 'free') return 'free';
  if (span.place === 'manual') return 'stack';
  return span.state;
}

function sweeps(span) {
  return span.place !== 'free' && span.place !== 'manual';
}

function signed(distance) {
  if (distance > 0) return '+' + distance;
  return distance < 0 ? '\u2212' + -distance : '0';
}

function placeWords(span) {
  return span.place === 'cache' ? 'in the cache of P' + span.p : PLACES[span.place];
}

// A sentence of the engine, as it is shown: sg is what its comments call h.
function sentence(text) {
  return text.replaceAll('->', '\u2192').replace(/\bh\b/g, 'sg');
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function counted(number, one, more) {
  return number + ' ' + (number === 1 ? one : more || one + 's');
}

function bytes(number) {
  return number < 1024 ? number + ' B' : (number / 1024).toFixed(number % 1024 ? 1 : 0) + ' KiB';
}

// "24 KiB", "25.5 KiB", "100 B"; numbers of 64 bits are texts.
function sizeWords(number) {
  return number > 0 && number < 1024 ? number + ' B' : (number / 1024).toFixed(number % 1024 ? 1 : 0) + ' KiB';
}

function signedSize(number) {
  return number < 0 ? '\u2212' + sizeWords(-number) : (number > 0 ? '+' : '') + sizeWords(number);
}

// "credit \u22124 KiB": what the assists of a thread paid for beyond what it allocated; null: none, or not known.
function creditWords(thread) {
  const credit = Number(thread.assist_credit);
  if (credit >= 2 ** 40) return 'credit without limit'; // GOGC off: a byte costs next to no marking
  return credit === 0 ? null : 'credit ' + signedSize(credit);
}

function threadName(view, thread) {
  const found = view.threads.find((t) => t.thread === thread);
  return found ? found.name : 'thread ' + thread;
}

function spanOfRow(row) {
  return row.word >= WORD_SWEEPGEN && row.word <= LAST_WORD_OF_A_SPAN ? row.object : null;
}

function arcOf(row) {
  return row.arc.startsWith('T8') ? 'T8' : row.arc;
}

// The state in which an access leaves its span; null: it is not about a sweepgen. The step may turn sg later.
function stateAfter(row, view) {
  if (row.arc === 'T9') return 'free';
  if (row.arc === 'T1') return 'swept';
  if (row.word !== WORD_SWEEPGEN || !view.board.known) return null;
  const turn = view.rows.find(
    (later) => later.step > row.step && later.word === WORD_SG && later.before !== later.after
  );
  return stateAt(row.after, turn ? turn.before : view.board.sg);
}

// element('p', {class: 'x', onclick: f}, 'text', other): attributes are set as such, handlers by addEventListener.
function element(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function drawn(tag, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(9).filter((child) => child !== null && child !== undefined && child !== ''));
  return node;
}

// Replaces what is in the element; the control of the same data-key keeps the focus.
function show(id, ...children) {
  const place = document.getElementById(id);
  const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  place.replaceChildren(
    ...children.flat(9).filter((child) => child !== null && child !== undefined && child !== '')
  );
  if (focused) {
    const again = [...place.querySelectorAll('[data-key]')].find((node) => node.dataset.key === focused);
    if (again) again.focus({preventScroll: true});
  }
}
