import { encode } from "uqr";

const svg = "http://www.w3.org/2000/svg";
const quietZoneModules = 4; // as ISO/IEC 18004 asks for

/** A code as a QR symbol: dark on light in every colour scheme, because scanners expect it so. */
export function qrImage(code: string, label: string): SVGSVGElement {
  const { data, size } = encode(code, { ecc: "M", border: quietZoneModules });
  const image = document.createElementNS(svg, "svg");
  image.setAttribute("viewBox", `0 0 ${size} ${size}`);
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", label);
  image.setAttribute("shape-rendering", "crispEdges");
  const dark = document.createElementNS(svg, "path");
  dark.setAttribute("d", data.flatMap(runsOf).join(""));
  image.append(dark);
  return image;
}

/** The dark runs of one row as rectangles of a path. */
function runsOf(row: readonly boolean[], y: number): string[] {
  const runs: string[] = [];
  for (let x = 0; x < row.length; x += 1) {
    const from = x;
    while (row[x] === true) x += 1;
    if (x > from) runs.push(`M${from} ${y}h${x - from}v1H${from}z`);
  }
  return runs;
}
