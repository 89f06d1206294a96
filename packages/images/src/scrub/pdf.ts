import type { Scrubbed, Scrubber } from "./scrubber.ts";

/** What makes a document act, hides what is in it, or carries other files. Names may be written in hexadecimal (ISO 32000 section 7.3.5). */
const refused =
  /\/(?:JavaScript|Launch|EmbeddedFiles?|Encrypt|RichMedia|SubmitForm|ImportData|GoToE|GoToR|Rendition|XFA)(?=[\s\0/[<(\d])/;
/** Who made it, with what and when, as its information dictionary says it. */
const described =
  /\/(?:Author|Creator|Producer|Keywords|Subject|Company|Manager|CreationDate|ModDate|LastModifiedBy|SourceModified)[\s\0]*(?=[(<])/g;
const packetStart = "<?xpacket begin";
const packetEnd = "<?xpacket end";
/** What is kept back at a chunk's end, for words that go on in the next: longer than any that is looked for, escapes included. */
const keptBack = 1_024;
/** A text longer than this is blanked to where it has come. */
const textBytesMax = 65_536;
const endBytes = 1_024;
const space = 0x20;

/**
 * PDF (ISO 32000). What is said of its making is blanked where it stands open: the information dictionary's texts, and packets of XMP. What lies in
 * compressed streams is not looked into, which is why documents are handed out as files to be saved and never shown.
 */
export function scrubPdf(): Scrubber {
  let held: Uint8Array = new Uint8Array(0);
  let tail = "";
  let inPacket = false;
  let fault: string | null = null;
  let isFirst = true;

  /** Blanks a window in place; returns from where on it is to be looked at again with what follows. */
  function scrub(window: Uint8Array, last: boolean): number {
    const text = new TextDecoder("latin1").decode(window);
    if (isFirst && !/^%PDF-[12]\.\d/.test(text)) fault = "The PDF's header is damaged.";
    isFirst = false;
    if (refused.test(unescaped(text)))
      fault = "A PDF that is encrypted, acts by itself or carries other files is not taken.";
    let upTo = last ? window.length : Math.max(0, window.length - keptBack);
    for (let at = 0; at < window.length; ) {
      if (!inPacket) {
        const start = text.indexOf(packetStart, at);
        if (start === -1 || start >= upTo) break;
        inPacket = true;
        at = start;
      }
      const end = text.indexOf(packetEnd, at);
      const stop = end === -1 || end >= upTo ? upTo : end;
      window.fill(space, Math.min(at, stop), stop);
      if (stop === upTo) break;
      inPacket = false;
      at = stop + packetEnd.length;
    }
    for (const match of text.matchAll(described)) {
      const start = match.index + match[0].length;
      if (match.index >= upTo) break;
      if (text.startsWith("<<", start)) continue;
      const end = text[start] === "(" ? endOfText(text, start) : text.indexOf(">", start);
      if ((end === null || end === -1) && !last && window.length - match.index < textBytesMax) {
        upTo = match.index;
        break;
      }
      const stop = end === null || end === -1 ? window.length : end;
      window.fill(text[start] === "(" ? space : 0x30, start + 1, stop);
      upTo = Math.max(upTo, stop);
    }
    return upTo;
  }

  return {
    push(chunk) {
      if (fault !== null) return null;
      const window = new Uint8Array(held.length + chunk.length);
      window.set(held);
      window.set(chunk, held.length);
      if (window.length <= keptBack) {
        held = window;
        return [];
      }
      const upTo = scrub(window, false);
      held = window.slice(upTo);
      const out = window.subarray(0, upTo);
      tail = (tail + new TextDecoder("latin1").decode(out.subarray(-endBytes))).slice(-endBytes);
      return fault === null ? [out] : null;
    },
    end() {
      scrub(held, true);
      tail = (tail + new TextDecoder("latin1").decode(held.subarray(-endBytes))).slice(-endBytes);
      const outcome: Scrubbed =
        fault !== null
          ? { ok: false, fault: "malformed", reason: fault }
          : tail.includes("%%EOF")
            ? { ok: true, width: null, height: null }
            : { ok: false, fault: "truncated", reason: "The PDF does not end as it should; send it whole." };
      return { rest: [held], outcome };
    },
  };
}

/** With names' hexadecimal escapes resolved, so that they hide nothing. */
function unescaped(text: string): string {
  return text.includes("#")
    ? text.replace(/#([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
}

/** Where the bracket stands that ends a text, past escaped and inner ones; null where it has not come. */
function endOfText(text: string, start: number): number | null {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const letter = text[at];
    if (letter === "\\") at += 1;
    else if (letter === "(") depth += 1;
    else if (letter === ")") {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return null;
}
