/** A picture, four bytes a pixel: red, green, blue, opacity. */
export interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * Makes a picture smaller: each new pixel is the mean of what it covers of the old ones, opacity weighed in, so that nothing flickers and no edge gets the
 * colour of what is invisible. Around its middle the picture is cut to the new ratio. Reads the source where it is: a copy of it would not fit
 * the memory.
 */
export function shrink(source: Pixels, width: number, height: number): Pixels {
  const ratio = Math.min(source.width / width, source.height / height);
  const [left, top] = [(source.width - width * ratio) / 2, (source.height - height * ratio) / 2];
  const columns = spans(width, left, ratio, source.width);
  const rows = spans(height, top, ratio, source.height);
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0, at = 0; y < height; y += 1) {
    const row = rows[y] ?? nowhere;
    for (let x = 0; x < width; x += 1, at += 4) average(source, columns[x] ?? nowhere, row, data, at);
  }
  return { data, width, height };
}

/** What one new pixel covers of a line of old ones: from one to another, and how much of the first and the last. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly first: number;
  readonly last: number;
}
const nowhere: Span = { from: 0, to: -1, first: 0, last: 0 };

function spans(count: number, offset: number, ratio: number, length: number): Span[] {
  return Array.from({ length: count }, (_, index) => {
    const start = Math.max(0, offset + index * ratio);
    const end = Math.min(length, offset + (index + 1) * ratio);
    const from = Math.min(length - 1, Math.floor(start));
    const to = Math.max(from, Math.min(length - 1, Math.ceil(end) - 1));
    return from === to
      ? { from, to, first: 1, last: 1 }
      : { from, to, first: 1 - (start - from), last: 1 - (to + 1 - end) };
  });
}

function average({ data, width }: Pixels, column: Span, row: Span, into: Uint8ClampedArray, at: number): void {
  let [red, green, blue, opacity, weights] = [0, 0, 0, 0, 0];
  for (let y = row.from; y <= row.to; y += 1) {
    const high = y === row.from ? row.first : y === row.to ? row.last : 1;
    for (let x = column.from, pixel = (y * width + x) * 4; x <= column.to; x += 1, pixel += 4) {
      const weight = high * (x === column.from ? column.first : x === column.to ? column.last : 1);
      const seen = weight * (data[pixel + 3] ?? 0);
      red += seen * (data[pixel] ?? 0);
      green += seen * (data[pixel + 1] ?? 0);
      blue += seen * (data[pixel + 2] ?? 0);
      opacity += seen;
      weights += weight;
    }
  }
  if (opacity === 0) return;
  into[at] = red / opacity;
  into[at + 1] = green / opacity;
  into[at + 2] = blue / opacity;
  into[at + 3] = opacity / weights;
}
