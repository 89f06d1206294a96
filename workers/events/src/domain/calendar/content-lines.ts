/** Octets of a line without its end (RFC 5545 section 3.1). */
const lineOctetsMax = 75;
const encoder = new TextEncoder();

/** What has no place in a line: control characters but for tabs and line feeds, which have forms of their own. */
const controls = /(?![\t\n\u0080-\u009f])\p{Cc}/gu;

/** A text as the value of a property (RFC 5545 section 3.3.11): nothing in it can end its line or be taken for a list. */
export function textValue(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(controls, "")
    .replace(/[\\;,]/g, "\\$&")
    .replaceAll("\n", "\\n");
}

/** A text as the value of a parameter, in quotes; what cannot stand there is written as RFC 6868 has it. */
export function parameterValue(text: string): string {
  const safe = text
    .replaceAll("^", "^^")
    .replace(/\r\n?|\n/g, "^n")
    .replaceAll('"', "^'")
    .replace(controls, "");
  return `"${safe}"`;
}

/** Lines as they are sent: folded at {@link lineOctetsMax} octets, never within a character, and each ended by CRLF. */
export function toStream(lines: readonly string[]): string {
  return lines.map((line) => `${fold(line)}\r\n`).join("");
}

function fold(line: string): string {
  if (line.length <= lineOctetsMax && encoder.encode(line).byteLength <= lineOctetsMax) return line;
  let folded = "";
  let octets = 0;
  for (const char of line) {
    const size = encoder.encode(char).byteLength;
    if (octets + size > lineOctetsMax) {
      folded += "\r\n ";
      octets = 1; // the space that continues a line counts
    }
    folded += char;
    octets += size;
  }
  return folded;
}
