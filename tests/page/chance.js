// Random numbers that a seed repeats: a linear congruence modulo 2^32, of which only the upper bits are used.
export function chance(seed) {
  let state = (seed * 2654435761 + 1) >>> 0;
  const below = (count) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state >>> 8) / 2 ** 24 * count);
  };
  return { below, of: (things) => things[below(things.length)] };
}
