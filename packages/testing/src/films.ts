import { box, text } from "./images.ts";

const be32 = (n: number): number[] => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

/** What a film is made of, where it is not a plain one. */
export interface FilmOptions {
  readonly width?: number;
  readonly height?: number;
  /** The index stands behind the samples, as cameras write it. */
  readonly indexLast?: boolean;
  /** Further boxes in the index, such as what a camera notes. */
  readonly described?: readonly number[];
  /** Samples of a track of timed metadata, which stand before the picture's. */
  readonly timed?: string;
}

function track(handler: string, width: number, height: number, offset: number, sampleBytes: number): number[] {
  const made = be32(3_800_000_000);
  return box(
    "trak",
    box("tkhd", be32(7), made, made, be32(1), zeros(60), be32(width * 65_536), be32(height * 65_536)),
    box(
      "mdia",
      box("mdhd", be32(0), made, made, be32(1_000), be32(1_000), be32(0)),
      box("hdlr", be32(0), be32(0), handler, zeros(12), [0]),
      box(
        "minf",
        box(
          "stbl",
          box("stsz", be32(0), be32(0), be32(1), be32(sampleBytes)),
          box("stsc", be32(0), be32(1), be32(1), be32(1), be32(1)),
          box("stco", be32(0), be32(1), be32(offset)),
        ),
      ),
    ),
  );
}

/** An MP4 of the given length: an index with one picture, whose samples are noise. */
export function film(lengthBytes: number, options: FilmOptions = {}): Uint8Array<ArrayBuffer> {
  const { width = 1_280, height = 720, indexLast = false, described = [], timed = "" } = options;
  const made = be32(3_800_000_000);
  const type = box("ftyp", "isom", be32(512), "isommp42");
  const index = (samplesAt: number): number[] =>
    box(
      "moov",
      box("mvhd", be32(0), made, made, be32(1_000), be32(1_000), zeros(80)),
      track("vide", width, height, samplesAt + timed.length, lengthBytes),
      timed === "" ? [] : track("meta", 0, 0, samplesAt, timed.length),
      described,
    );
  const indexBytes = index(0).length;
  const samplesAt = type.length + (indexLast ? 8 : indexBytes + 8);
  const all = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; at += 1) all[at] = (at * 31 + 7) & 255;
  all.set(type);
  const start = type.length + (indexLast ? 0 : indexBytes);
  all.set(index(samplesAt), indexLast ? lengthBytes - indexBytes : type.length);
  all.set([...be32(lengthBytes - type.length - indexBytes), ...text("mdat")], start);
  all.set(text(timed), start + 8);
  return all;
}

/** A PDF of the given length with what is said between its header and its end; the rest is a stream of noise. */
export function pdf(lengthBytes: number, objects = ""): Uint8Array<ArrayBuffer> {
  const head = text(`%PDF-1.7\n${objects}\n1 0 obj\n<< /Length ${lengthBytes} >>\nstream\n`);
  const tail = text("\nendstream\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n");
  const all = new Uint8Array(lengthBytes);
  for (let at = 0; at < lengthBytes; at += 1) all[at] = 128 + ((at * 31 + 7) & 127);
  all.set(head);
  all.set(tail, lengthBytes - tail.length);
  return all;
}
