import { ascii, u32 } from "@foyer/images/bytes";
import openJpegDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import jpegDecoder from "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm";
import openJpegEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import jpegEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm";
import { defaultEncodeOptions as jpegOptions } from "@jsquash/jpeg/meta.js";
import * as png from "@jsquash/png/codec/pkg/squoosh_png.js";
import pngCodec from "@jsquash/png/codec/pkg/squoosh_png_bg.wasm";
import openWebpDecoder from "@jsquash/webp/codec/dec/webp_dec.js";
import webpDecoder from "@jsquash/webp/codec/dec/webp_dec.wasm";
import openWebpEncoder from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import webpEncoder from "@jsquash/webp/codec/enc/webp_enc_simd.wasm";
import { defaultOptions as webpOptions } from "@jsquash/webp/meta.js";
import type { Pixels } from "../domain/resample.ts";

/**
 * MozJPEG, libwebp and Rust's png as WebAssembly. JPEG and WebP get an instance for each picture: an instance keeps all memory that it ever
 * needed, and two of them would be more than a worker has.
 */

type DecodedType = "image/jpeg" | "image/png" | "image/webp";

/** How Emscripten's modules are started from a module that the bundle compiled. */
function from(compiled: WebAssembly.Module) {
  return {
    noInitialRun: true,
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(compiled, imports);
      done(instance);
      return instance.exports;
    },
  };
}

/** What a broken PNG took stays taken for the isolate's life, since its decoder stops in the middle; after so many none is decoded here. */
const brokenPngsMax = 3;
let brokenPngs = 0;

/** Whether a picture of this type can be decoded in this isolate still. */
export function canDecode(contentType: DecodedType): boolean {
  return contentType !== "image/png" || brokenPngs < brokenPngsMax;
}

/** A picture's pixels, turned as a JPEG says; null where no decoder reads it. */
export async function decodePicture(contentType: DecodedType, file: Uint8Array): Promise<Pixels | null> {
  try {
    return await decode(contentType, file);
  } catch {
    if (contentType === "image/png") brokenPngs += 1;
    return null;
  }
}

async function decode(contentType: DecodedType, file: Uint8Array): Promise<Pixels | null> {
  switch (contentType) {
    case "image/jpeg":
      return (await openJpegDecoder(from(jpegDecoder))).decode(file, true);
    case "image/webp":
      return (await openWebpDecoder(from(webpDecoder))).decode(file);
    case "image/png":
      png.initSync(pngCodec);
      return png.decode(file);
  }
}

/** Pixels as a file. JPEG has no opacity: what is invisible becomes white. */
export async function encodePicture(
  format: "jpeg" | "png" | "webp",
  pixels: Pixels,
  quality: number,
): Promise<Uint8Array> {
  const { data, width, height } = pixels;
  switch (format) {
    case "jpeg": {
      const encoder = await openJpegEncoder(from(jpegEncoder));
      return encoder.encode(onWhite(data), width, height, { ...jpegOptions, quality }).slice();
    }
    case "webp": {
      const encoder = await openWebpEncoder(from(webpEncoder));
      return encoder.encode(data, width, height, { ...webpOptions, quality }).slice();
    }
    case "png":
      png.initSync(pngCodec);
      return png.encode(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height, 8);
  }
}

function onWhite(data: Pixels["data"]): Uint8ClampedArray {
  const opaque = new Uint8ClampedArray(data);
  for (let at = 0; at < opaque.length; at += 4) {
    const opacity = (opaque[at + 3] ?? 0) / 255;
    if (opacity === 1) continue;
    for (let colour = at; colour < at + 3; colour += 1)
      opaque[colour] = (opaque[colour] ?? 0) * opacity + 255 * (1 - opacity);
    opaque[at + 3] = 255;
  }
  return opaque;
}

/** Whether a picture is a film: its first frame alone would be another picture. */
export function isMoving(contentType: DecodedType, file: Uint8Array): boolean {
  if (contentType === "image/webp") return ascii(file, 12, 16) === "VP8X" && ((file[20] ?? 0) & 2) !== 0;
  if (contentType !== "image/png") return false;
  for (let at = 8; at + 12 <= file.length; at += 12 + u32(file, at)) {
    const type = ascii(file, at + 4, at + 8);
    if (type === "acTL") return true;
    if (type === "IDAT") return false;
  }
  return false;
}
