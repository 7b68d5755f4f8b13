// The protocol board: head, a region for each place, a card for each span, and the same as a table.
'use strict';

const REGIONS = [
  ['between', 'Between two places'],
  ['nonempty', 'mcentral, list nonempty'],
  ['empty', 'mcentral, list empty'],
  ['free', 'Free pages of the mheap'],
  ['large', 'Large objects'],
  ['manual', 'Stacks']
];

function showBoard(view, before, spots) {
  const {board} = view;
  const known = board.known;
  show(
    'board',
    boardHead(view, before, spots),
    known ? null : element('p', {class: 'dim'}, 'The engine is not made yet, or has ended.'),
    known ? boardObjects(view, before, spots) : null,
    known ? boardRegions(view, before, spots) : null
  );
  show('twin', boardTable(view), objectTable(view));
}

function lockWords(lock, view) {
  const waiting = lock.waiters.map((thread) => threadName(view, thread));
  return (
    lock.name +
    (lock.holder === null ? ': free' : ': held by ' + threadName(view, lock.holder)) +
    (waiting.length ? '; waiting: ' + waiting.join(', ') : '')
  );
}

function boardHead(view, before, spots) {
  const {board} = view;
  const turned = before && before.board.known && board.known && before.board.sg !== board.sg;
  const figure = (name, value) => element('div', {}, element('dt', {}, name), element('dd', {}, String(value)));
  const figures = board.known
    ? element(
        'dl',
        {class: 'figures'},
        figure('phase', board.phase),
        figure('world', board.stopped ? 'stopped' : 'running'),
        figure('sweep', board.sweep_done ? 'all spans taken' : 'spans left'),
        figure('sweepers', board.sweepers),
        figure('caches to flush', board.ps.filter((p) => p.distance < 0).length)
      )
    : null;
  return element(
    'div',
    {class: 'head'},
    element(
      'p',
      {class: 'sg' + (turned ? ' changed' : '') + (spots.has('sg') ? ' spot' : '')},
      board.known ? 'sg ' + board.sg : 'sg unknown',
      turned ? element('span', {class: 'was'}, 'the turn: was ' + before.board.sg) : null
    ),
    figures,
    element(
      'ul',
      {class: 'locks', 'aria-label': 'Locks'},
      board.locks.length
        ? board.locks.map((lock) => element('li', {}, lockWords(lock, view)))
        : element('li', {class: 'dim'}, 'No lock is held.')
    ),
    pacingLine(board)
  );
}

// The pacer's figures, where heap_live decides something: a bar of heap_live with the marks of trigger (thin) and goal
// (thick), and the same in words.
function pacingLine(board) {
  const {pacing} = board;
  if (!board.known || !pacing || !(pacing.concurrent || pacing.gogc !== null)) return null;
  const live = Number(pacing.heap_live);
  const parts = [['heap live ' + sizeWords(live), 0]];
  if (pacing.trigger !== null) parts.push(['trigger ' + sizeWords(Number(pacing.trigger)), 2]);
  if (pacing.goal !== null) parts.push(['goal ' + sizeWords(Number(pacing.goal)), 4]);
  parts.push([pacing.gogc === null ? 'GOGC off' : 'GOGC ' + pacing.gogc, 0]);
  if (Number(pacing.credit)) parts.push(['workers\u2019 credit ' + signedSize(Number(pacing.credit)), 0]);
  if (pacing.unswept_pages) {
    const owed = pacing.owed_pages === null ? '' : `, ${pacing.owed_pages} before the next refill`;
    parts.push([counted(pacing.unswept_pages, 'page') + ' to sweep' + owed, 0]);
  }
  const mark = (width, x) => drawn('rect', {class: 'mark', x, y: 0, width, height: 16});
  return element(
    'div',
    {class: 'pacing'},
    pacingBar(live, pacing, mark),
    element(
      'ul',
      {'aria-label': 'Pacing'},
      parts.map(([text, width]) =>
        element(
          'li',
          {},
          width ? drawn('svg', {viewBox: '0 0 8 16', width: 8, height: 16, 'aria-hidden': 'true'}, mark(width, 0)) : null,
          text
        )
      )
    )
  );
}

function pacingBar(live, {trigger, goal}, mark) {
  if (trigger === null && goal === null) return null;
  const wide = 170,
    scale = Math.max(live, Number(trigger), Number(goal), 1);
  const at = (bytes, width) => Math.min(Math.floor((wide * Number(bytes)) / scale), wide - width);
  return drawn(
    'svg',
    {viewBox: `0 0 ${wide} 16`, width: wide, height: 16, 'aria-hidden': 'true'},
    drawn('rect', {class: 'room', x: 0, y: 4, width: wide, height: 8}),
    drawn('rect', {class: 'live', x: 0, y: 4, width: at(live, 0), height: 8}),
    goal === null ? null : mark(4, at(goal, 4)),
    trigger === null ? null : mark(2, at(trigger, 2))
  );
}

function boardRegions(view, before, spots) {
  const {board} = view;
  const spansIn = (place, p) =>
    board.spans.filter((span) => span.place === place && (p === undefined || span.p === p));
  const caches = board.ps.map((p) => {
    const owner = p.thread === null ? p.status : threadName(view, p.thread);
    const flush = 'flushGen ' + (p.distance === 0 ? '= sg' : 'sg ' + signed(p.distance));
    const detail = element(
      'span',
      {class: 'detail' + (p.distance < 0 ? ' warm' : '')},
      owner + ' \u00b7 ' + flush
    );
    const old = before && before.board.ps.find((other) => other.id === p.id);
    const changed = old && (old.distance !== p.distance || old.thread !== p.thread);
    return region('Cache of P' + p.id, detail, spansIn('cache', p.id), view, before, spots, {
      spot: spots.has('cache ' + p.id),
      changed
    });
  });
  const others = REGIONS.map(([place, title]) => {
    const spans = spansIn(place);
    const seldom = place === 'large' || place === 'manual' || place === 'free';
    if (seldom && spans.length === 0) return null;
    const spot = spots.has('lists') && (place === 'nonempty' || place === 'empty');
    const none = place === 'empty' && spansIn('cache').length > 0 && 'none but the cached spans';
    return region(title, null, spans, view, before, spots, {spot, flat: seldom && place !== 'large', none});
  });
  return [
    element('div', {class: 'band caches'}, caches),
    element('div', {class: 'band'}, others.slice(0, 3)),
    element('div', {class: 'band'}, others.slice(3))
  ];
}

function region(title, detail, spans, view, before, spots, {spot, flat, changed, none}) {
  return element(
    'section',
    {class: 'region' + (spot ? ' spot' : '') + (flat ? ' flat' : '') + (changed ? ' moved' : '')},
    element('header', {}, element('h3', {}, title), detail),
    spans.length
      ? element(
          'ul',
          {class: 'cards'},
          spans.map((span) => card(span, view, before, spots))
        )
      : element('p', {class: 'dim'}, none || 'no span')
  );
}

// What the last step changed of the span, in words; null: nothing.
function changeOf(span, before) {
  if (!before || !before.board.known) return null;
  const was = before.board.spans.find((other) => other.id === span.id);
  if (!was) return span.place === 'free' ? null : 'new';
  if (was === span) return null; // shared by both views
  if (!sweeps(was) && was.place === span.place) return null; // its distance has no meaning
  if (sweeps(was) && sweeps(span) && was.distance !== span.distance) return 'was ' + signed(was.distance);
  if (was.place !== span.place || was.p !== span.p) return was.place === 'free' ? 'was free' : 'has moved';
  return 'changed';
}

function card(span, view, before, spots) {
  const state = shownState(span),
    change = changeOf(span, before);
  const spot = spots.has('span ' + span.id) || (spots.has('queues') && span.queue !== 'none');
  const name = state === 'illegal' ? 'illegal ' + signed(span.distance) : STATES[state].name;
  const classes = `span tint-${state}` + (change ? ' changed' : '') + (spot ? ' spot' : '');
  const title = element('h4', {}, 'span ' + span.id);
  if (!sweeps(span))
    return element(
      'li',
      {class: classes + ' small'},
      element('div', {class: 'tile fill-' + state}, glyph(state, 32)),
      element('div', {class: 'text'}, title, element('p', {}, name + ' \u00b7 ' + counted(span.pages, 'page')))
    );
  const shape =
    span.place === 'large' ? counted(span.pages, 'page') : `${span.nelems} \u00d7 ${bytes(span.elem_bytes)}`;
  return element(
    'li',
    {class: classes},
    element('div', {class: 'tile fill-' + state}, glyph(state, 32)),
    element(
      'div',
      {class: 'text'},
      element(
        'div',
        {class: 'line'},
        title,
        element('span', {class: 'dim shape'}, shape),
        element('b', {class: 'distance'}, signed(span.distance))
      ),
      element(
        'p',
        {},
        name,
        change && change !== 'changed' ? element('span', {class: 'was'}, ', ' + change) : null
      ),
      element(
        'p',
        {class: 'dim'},
        `sweepgen ${span.sweepgen} = sg` + (span.distance ? ' ' + signed(span.distance) : '')
      ),
      element(
        'div',
        {class: 'bits'},
        element('div', {}, element('span', {class: 'dim'}, 'alloc'), slots(span.alloc, span.freeindex)),
        element('div', {}, element('span', {class: 'dim'}, 'mark'), slots(span.mark, 0))
      ),
      element('p', {class: 'dim'}, QUEUES[span.queue] || 'in no queue')
    )
  );
}

// The twin of the picture, for those who do not see it.
function boardTable(view) {
  const {board} = view;
  const head = [
    'Span',
    'State',
    'Distance to sg',
    'sweepgen',
    'Place',
    'Queue',
    'Slots',
    'Alloc bits',
    'Mark bits'
  ];
  const row = (span) => {
    const state = shownState(span),
      own = sweeps(span);
    const cells = [
      STATES[state].name,
      own ? signed(span.distance) : '',
      own ? span.sweepgen : '',
      placeWords(span),
      QUEUES[span.queue] || 'none',
      own ? `${span.nelems} \u00d7 ${bytes(span.elem_bytes)}` : '',
      own ? slotWords(span.alloc, span.freeindex) : '',
      own ? slotWords(span.mark, 0) : ''
    ];
    return element(
      'tr',
      {},
      element('th', {scope: 'row'}, 'span ' + span.id),
      cells.map((cell) => element('td', {}, String(cell)))
    );
  };
  return element(
    'table',
    {class: 'span-table'},
    element(
      'caption',
      {},
      board.known ? `sg ${board.sg}, after ${counted(view.steps, 'access', 'accesses')}` : 'no engine'
    ),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        head.map((name) => element('th', {scope: 'col'}, name))
      )
    ),
    element('tbody', {}, board.spans.map(row))
  );
}
