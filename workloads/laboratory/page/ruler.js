// The ruler, which is the legend as well: an axis of absolute sweepgens. A span stands at its sweepgen; the labels
// stand at distances to sg. At the turn no span moves: the labels slide right by two, and then the view follows them.
'use strict';

const FARTHEST = 6; // the largest distance with a column of its own

function showRuler(view, before, spots) {
  const {board} = view;
  if (!board.known) {
    show('ruler');
    return;
  }
  const spans = board.spans.filter(sweeps);
  const distances = spans.map((span) => span.distance).filter((d) => Math.abs(d) <= FARTHEST);
  const first = Math.min(-2, ...distances),
    last = Math.max(3, ...distances);
  const columns = [];
  for (let d = first; d <= last; ++d) columns.push(d);
  const at = (d) => spans.filter((span) => span.distance === d);
  const labels = element(
    'div',
    {class: 'labels', 'aria-hidden': 'true'},
    columns.map((d) => rulerLabel(d, at(d).length))
  );
  const chips = element(
    'ul',
    {class: 'chips'},
    columns.map((d) => rulerColumn(d, board.sg, at(d)))
  );
  const far = spans.filter((span) => Math.abs(span.distance) > FARTHEST);
  const tray = [
    ['free', board.spans.filter((s) => s.place === 'free')],
    ['stack', board.spans.filter((s) => s.place === 'manual')]
  ];
  if (far.length) tray.push(['illegal', far]);
  const axis = element('div', {class: 'axis'}, labels, chips);
  for (const layer of [labels, chips])
    layer.style.gridTemplateColumns = `repeat(${columns.length}, minmax(0, 1fr))`;
  show(
    'ruler',
    element(
      'section',
      {class: 'ruler' + (spots.has('ruler') ? ' spot' : ''), 'aria-label': 'Ruler: spans by their distance to sg'},
      axis,
      element(
        'ul',
        {class: 'tray'},
        tray.map(([state, list]) =>
          element(
            'li',
            {},
            glyph(state, 20),
            element('span', {}, state === 'illegal' ? 'illegal' : STATES[state].name),
            element('b', {}, String(list.length))
          )
        )
      )
    )
  );
  const turn = before && before.board.known ? board.sg - before.board.sg : 0;
  if (turn > 0 && turn <= 4 && axis.animate) slide(labels, chips, turn / columns.length);
}

function rulerLabel(distance, spans) {
  const state = Object.keys(STATES).find((key) => STATES[key].distance === distance);
  if (!state && spans === 0)
    return element('div', {class: 'label never'}, element('span', {}, signed(distance) + ' never'));
  return element(
    'div',
    {class: 'label' + (spans ? ' some' : '')},
    element('div', {class: 'line'}, glyph(state || 'illegal', 20), element('b', {}, signed(distance))),
    element('span', {class: 'name'}, STATES[state || 'illegal'].name)
  );
}

function rulerColumn(distance, sg, spans) {
  const state = Object.keys(STATES).find((key) => STATES[key].distance === distance) || 'illegal';
  const generation = sg + distance;
  const words =
    `${signed(distance)}, ${STATES[state].name}: ` +
    (spans.length ? 'span ' + spans.map((s) => s.id).join(', ') : 'none');
  return element(
    'li',
    {},
    element('span', {class: 'hidden'}, words),
    element(
      'span',
      {class: 'generation', 'aria-hidden': 'true'},
      generation < 0 ? '' : distance === 0 ? 'sg ' + generation : String(generation)
    ),
    element(
      'span',
      {class: 'row', 'aria-hidden': 'true'},
      spans.slice(0, 6).map((span) => element('span', {class: 'chip edge-' + state}, String(span.id))),
      spans.length > 6 ? element('span', {class: 'more'}, '+' + (spans.length - 6)) : null
    )
  );
}

// The new picture is drawn; it begins where the old one was. share: of the axis, by which the labels are to slide.
function slide(labels, chips, share) {
  if (window.matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const right = `translateX(${100 * share}%)`,
    none = 'translateX(0)';
  const time = {duration: 2200, easing: 'ease-in-out'};
  labels.animate(
    [
      {transform: none, offset: 0},
      {transform: right, offset: 0.55},
      {transform: right, offset: 0.7},
      {transform: none, offset: 1}
    ],
    time
  );
  chips.animate(
    [
      {transform: right, offset: 0},
      {transform: right, offset: 0.7},
      {transform: none, offset: 1}
    ],
    time
  );
}
