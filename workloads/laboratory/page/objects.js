// The objects of the program: roots at the left, a card per object, a line per root above the cards and one per
// reference below them; and the same as a table. The geometry is that of gui/models/object_layout.cc.
'use strict';

const COLOURS = {
  none: {name: '', letter: '', meaning: 'nothing is being marked'},
  white: {name: 'white', letter: 'W', meaning: 'not found by this marking'},
  grey: {name: 'grey', letter: 'G', meaning: 'found, its references still to be read'},
  black: {name: 'black', letter: 'B', meaning: 'marked, and its references were read'},
  freed: {name: 'freed', letter: 'F', meaning: 'its slot was freed although the program did not drop it'}
};
const ROOT = {left: 8, width: 190, height: 46, gap: 8};
const CARD = {width: 166, height: 66, gap: 16, tile: 36};
const OBJECT_LINES = {pitch: 10, arrow: 13};

function objectOf(board, number) {
  return board.objects.find((object) => object.number === number);
}

// Numbers of what the program can reach: from Globals and stacks, over references.
function reachable(board) {
  const reached = new Set(board.roots.filter((root) => root.kind !== 'barrier').flatMap((root) => root.objects));
  for (const number of reached) for (const to of (objectOf(board, number) || {refs: []}).refs) if (to) reached.add(to);
  return reached;
}

function rootName(root, view) {
  if (root.kind === 'globals') return 'Globals';
  return threadName(view, root.thread) + (root.kind === 'stack' ? '\u2019s stack' : '\u2019s barrier');
}

function scanWords(root) {
  const held = root.objects.length;
  if (root.kind === 'barrier') return held ? `${held} shaded` : 'nothing shaded';
  if (root.scan !== 'none') return root.scan === 'scanned' ? 'scanned' : 'not scanned';
  return held ? counted(held, 'object') : 'empty';
}

function colourWords(object, reached) {
  const {name} = COLOURS[object.colour];
  if (object.colour === 'freed') return reached ? 'freed, in use' : name;
  if (reached) return name;
  return name ? name + ', garbage' : 'garbage';
}

function slotOf(object) {
  return object.span === null ? 'span not in use' : `span ${object.span}, slot ${object.slot}`;
}

function refersTo(numbers) {
  return (
    numbers
      .filter(Boolean)
      .map((number) => 'object ' + number)
      .join(', ') || 'nothing'
  );
}

// What the last step changed.
function objectChanged(object, before) {
  if (!before || !before.board.objects.length) return false;
  const was = objectOf(before.board, object.number);
  const shown = ({colour, refs}) => colour + refs;
  return was !== object && (!was || shown(was) !== shown(object));
}

function rootChanged(root, before) {
  if (!before || !before.board.roots.length) return false;
  const was = before.board.roots.find((other) => other.kind === root.kind && other.thread === root.thread);
  return !was || was.scan !== root.scan || String(was.objects) !== String(root.objects);
}

// What happened to objects and roots since the board before, a clause each.
function objectDeeds(before, view) {
  const deeds = [];
  for (const object of view.board.objects) {
    const name = 'object ' + object.number,
      was = objectOf(before, object.number);
    if (!was) {
      deeds.push(name + (object.colour === 'none' ? ' is new' : ' is new, and ' + object.colour));
      continue;
    }
    if (object.colour === 'freed' && was.colour !== 'freed') deeds.push(name + ' is freed');
    else if (object.colour !== was.colour && object.colour !== 'none' && was.colour !== 'none')
      deeds.push(`${name} becomes ${object.colour}`);
    // A freed object has no references on the board.
    if (object.colour !== 'freed' && String(was.refs) !== String(object.refs)) deeds.push(`${name} refers to ${refersTo(object.refs)}`);
  }
  for (const root of view.board.roots) {
    const was = before.roots.find((other) => other.kind === root.kind && other.thread === root.thread);
    if (root.scan === 'scanned' && (!was || was.scan !== 'scanned'))
      deeds.push(`${rootName(root, view)} ${root.kind === 'globals' ? 'are' : 'is'} scanned`);
    const got = root.objects.filter((number) => number && !(was && was.objects.includes(number)));
    const verb = {globals: 'hold', stack: 'holds', barrier: 'shades'}[root.kind];
    if (got.length) deeds.push(`${rootName(root, view)} ${verb} ${refersTo(got)}`);
  }
  return deeds;
}

// The lowest lane in which nothing lies between from and to.
function takeLane(lanes, from, to) {
  let lane = 0;
  while ((lanes[lane] || []).some(([a, b]) => from <= b + 4 && a <= to + 4)) ++lane;
  (lanes[lane] = lanes[lane] || []).push([from, to]);
  return lane;
}

function objectGeometry(board) {
  const {objects, roots} = board;
  const cardsLeft = ROOT.left + ROOT.width + OBJECT_LINES.pitch * (roots.length + 1) + 6;
  const places = (numbers) =>
    [...new Set(numbers.map((number) => objects.findIndex((object) => object.number === number)))]
      .filter((place) => place >= 0)
      .sort((a, b) => a - b);
  // By the number of roots, whatever they hold: from step to step the cards stay where they are.
  const cardsTop = 8 + OBJECT_LINES.pitch * Math.max(roots.length, 1) + OBJECT_LINES.arrow;
  const cards = objects.map((_, n) => ({x: cardsLeft + n * (CARD.width + CARD.gap), y: cardsTop}));
  const bottom = cardsTop + CARD.height;
  const references = objects.flatMap((object, from) => places(object.refs).map((to) => ({from, to})));
  const spread = (left, n, count) => left + (CARD.width / 2) * ((n + 1) / (count + 1));
  for (const one of references) {
    const out = references.filter((other) => other.from === one.from),
      into = references.filter((other) => other.to === one.to);
    one.fromX = spread(cards[one.from].x + CARD.width / 2, out.indexOf(one), out.length);
    one.toX = spread(cards[one.to].x, into.indexOf(one), into.length);
  }
  const lanes = [];
  for (const one of [...references].sort((a, b) => Math.abs(a.fromX - a.toX) - Math.abs(b.fromX - b.toX)))
    one.lane = takeLane(lanes, Math.min(one.fromX, one.toX), Math.max(one.fromX, one.toX));
  const lines = references.map(({from, to, fromX, toX, lane}) => {
    const y = bottom + OBJECT_LINES.arrow + lane * OBJECT_LINES.pitch;
    return {from, to, points: [[fromX, bottom], [fromX, y], [toX, y], [toX, bottom + 1]]};
  });
  const boxes = roots.map((_, n) => ({x: ROOT.left, y: 2 + n * (ROOT.height + ROOT.gap)}));
  const trunks = [];
  roots.forEach((root, n) => {
    const targets = places(root.objects);
    if (!targets.length) return;
    const right = ROOT.left + ROOT.width,
      x = right + OBJECT_LINES.pitch * (n + 1),
      y = 8 + OBJECT_LINES.pitch * n,
      middle = n === 0 ? y : boxes[n].y + ROOT.height / 2;
    const drops = targets.map((to) => cards[to].x + (CARD.width * (n + 1)) / (roots.length + 1));
    targets.forEach((to, i) =>
      lines.push({root: n, to, points: [[drops[i], y], [drops[i], cardsTop - 1]], dashed: root.kind === 'barrier'})
    );
    const last = drops[drops.length - 1];
    trunks.push({points: [[right, middle], [x, middle], [x, y], [last, y]], dashed: root.kind === 'barrier'});
  });
  const width = cardsLeft + objects.length * (CARD.width + CARD.gap);
  const below = bottom + (lanes.length ? OBJECT_LINES.arrow + lanes.length * OBJECT_LINES.pitch : 0);
  const height = Math.max(below, boxes.length ? boxes[boxes.length - 1].y + ROOT.height : 0) + 8;
  return {cards, boxes, lines, trunks, width, height};
}

function objectLine({points, dashed, root}) {
  const [endX, endY] = points[points.length - 1],
    away = points[points.length - 2][1] < endY ? -1 : 1;
  const path = 'M' + points.map((point) => point.join(' ')).join('L');
  return [
    drawn('path', {class: 'reference' + (dashed ? ' shade' : ''), d: path}),
    drawn('path', {class: 'reference-head', d: `M${endX} ${endY}l-5 ${8 * away}h10Z`}),
    root === undefined ? null : drawn('circle', {class: 'reference-head', cx: points[0][0], cy: points[0][1], r: 2.6})
  ];
}

function objectCard(object, {x, y}, reached, before, spots) {
  const classes =
    'object' +
    (objectChanged(object, before) ? ' changed' : '') +
    (spots.has('object ' + object.number) ? ' spot' : '') +
    (reached ? '' : ' garbage');
  const middle = x + CARD.tile / 2,
    base = y + CARD.height / 2;
  return drawn(
    'g',
    {class: classes},
    drawn('rect', {class: 'object-card', x, y, width: CARD.width, height: CARD.height}),
    drawn('rect', {class: 'colour-' + object.colour, x: x + 1, y: y + 1, width: CARD.tile, height: CARD.height - 2}),
    object.colour === 'freed' && reached // as an illegal span: a double border
      ? drawn('rect', {
          class: 'object-lost',
          x: x - 4,
          y: y - 4,
          width: CARD.width + 8,
          height: CARD.height + 8
        })
      : null,
    drawn(
      'text',
      {class: 'colour-letter ink-' + object.colour, x: middle, y: base + 6, 'text-anchor': 'middle'},
      COLOURS[object.colour].letter
    ),
    drawn('text', {class: 'object-name', x: x + CARD.tile + 9, y: y + 19}, 'object ' + object.number),
    drawn('text', {x: x + CARD.tile + 9, y: y + 39}, colourWords(object, reached)),
    drawn('text', {class: 'faint', x: x + CARD.tile + 9, y: y + 58}, slotOf(object))
  );
}

function rootBox(root, {x, y}, view, before) {
  const sign = root.scan === 'scanned' ? '\u2713 ' : root.scan === 'waiting' ? '\u25cb ' : '';
  return drawn(
    'g',
    {class: 'root' + (rootChanged(root, before) ? ' changed' : '')},
    drawn('rect', {class: 'root-box', x, y, width: ROOT.width, height: ROOT.height, rx: 5}),
    drawn('text', {class: 'object-name', x: x + 9, y: y + 19}, rootName(root, view)),
    drawn('text', {x: x + 9, y: y + 38}, sign + scanWords(root))
  );
}

// null: the board has no objects.
function boardObjects(view, before, spots) {
  const {board} = view;
  if (!board.objects.length) return null;
  const {cards, boxes, lines, trunks, width, height} = objectGeometry(board);
  const reached = reachable(board);
  const marking = board.objects.some((object) => !['none', 'freed'].includes(object.colour));
  const note = marking
    ? 'white: not found \u00b7 grey: found, to be read \u00b7 black: read'
    : 'nothing is being marked';
  const words = board.objects.map(
    (object) => `object ${object.number} ${colourWords(object, reached.has(object.number))}`
  );
  return element(
    'section',
    {class: 'region objects' + (spots.has('objects') ? ' spot' : '')},
    element('header', {}, element('h3', {}, 'Roots and objects'), element('span', {class: 'detail'}, note)),
    element(
      'div',
      {class: 'scrolls'},
      drawn(
        'svg',
        {class: 'graph', role: 'img', 'aria-label': words.join(', '), viewBox: `0 0 ${width} ${height}`, width, height},
        trunks.map(({points, dashed}) =>
          drawn('path', {
            class: 'reference' + (dashed ? ' shade' : ''),
            d: 'M' + points.map((point) => point.join(' ')).join('L')
          })
        ),
        lines.map(objectLine),
        board.roots.map((root, n) => rootBox(root, boxes[n], view, before)),
        board.objects.map((object, n) => objectCard(object, cards[n], reached.has(object.number), before, spots))
      )
    )
  );
}

function objectTable(view) {
  const {board} = view,
    reached = reachable(board);
  if (!board.objects.length) return null;
  const row = (name, cells) =>
    element('tr', {}, element('th', {scope: 'row'}, name), cells.map((cell) => element('td', {}, cell)));
  return element(
    'table',
    {class: 'object-table'},
    element('caption', {}, 'Objects and roots'),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ['Object or root', 'Colour or scan', 'Refers to', 'Place'].map((name) => element('th', {scope: 'col'}, name))
      )
    ),
    element(
      'tbody',
      {},
      board.objects.map((object) =>
        row('object ' + object.number, [
          colourWords(object, reached.has(object.number)),
          refersTo(object.refs),
          slotOf(object)
        ])
      ),
      board.roots.map((root) => row(rootName(root, view), [scanWords(root), refersTo(root.objects), '']))
    )
  );
}
