// The sign of a state: colour, letter and form, as on the dashboard's map. A dot is a span that a P caches, a notch is
// stale, diagonals are being swept, a hatch is a stack, a cross is illegal.
'use strict';

const INK = '#14171a';

function glyph(state, side) {
  const parts = [drawn('rect', {class: 'fill-' + state, x: 0, y: 0, width: 24, height: 24})];
  const lines = (pitch, width) => {
    for (let at = -24 + pitch / 2; at < 24; at += pitch)
      parts.push(drawn('path', {d: `M${at} 24L${at + 24} 0`, stroke: INK, 'stroke-width': width, opacity: 0.55}));
  };
  if (state === 'sweeping') lines(24, 4);
  if (state === 'stack') lines(7, 1.5);
  if (state === 'stale') parts.push(drawn('path', {class: 'fill-canvas', d: 'M15 0L24 0L24 9Z'}));
  if (state === 'stale' || state === 'cached')
    parts.push(drawn('rect', {x: 2.5, y: 2.5, width: 4, height: 4, fill: INK}));
  if (state === 'illegal')
    parts.push(drawn('path', {d: 'M3 3L21 21M21 3L3 21', stroke: INK, 'stroke-width': 2.5, fill: 'none'}));
  const letter = STATES[state].letter;
  if (letter)
    parts.push(drawn('text', {x: 12, y: 18, 'text-anchor': 'middle', class: 'letter letter-' + state}, letter));
  return drawn(
    'svg',
    {class: 'glyph', viewBox: '0 0 24 24', width: side, height: side, 'aria-hidden': 'true'},
    parts
  );
}

// Slots as squares: full with a bit; half if the slot was handed out since the last sweep and has no bit yet.
const MOST_SQUARES = 16;

function slotWords(bits, handedOut) {
  const set = [...bits].filter((bit) => bit === '1').length;
  let half = 0;
  for (let n = 0; n < Math.min(handedOut, bits.length); ++n) half += bits[n] === '1' ? 0 : 1;
  return `${set} of ${bits.length} set` + (half > 0 ? `, ${half} handed out since the sweep` : '');
}

function slots(bits, handedOut) {
  const words = slotWords(bits, handedOut);
  if (bits.length > MOST_SQUARES) return element('span', {class: 'many-slots'}, words);
  const squares = [...bits].map((bit, n) => {
    const x = n * 16 + 0.5;
    const square = [drawn('rect', {class: 'slot', x, y: 0.5, width: 12, height: 12})];
    if (bit === '1') square.push(drawn('rect', {class: 'slot-set', x: x - 0.5, y: 0, width: 13, height: 13}));
    else if (n < handedOut)
      square.push(drawn('rect', {class: 'slot-set', x: x - 0.5, y: 6.5, width: 13, height: 6.5}));
    return square;
  });
  return drawn(
    'svg',
    {class: 'slots', role: 'img', 'aria-label': words, width: bits.length * 16, height: 13},
    drawn('title', {}, words),
    squares
  );
}
