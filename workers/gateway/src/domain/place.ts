const countryShape = /^[A-Z]{2}$/;
/** Cloudflare's word for a country that it does not know. */
const unknownCountry = "XX";

/**
 * Where a caller is, from what the platform tells of a request (`request.cf`), as a header can carry it: `Hamburg%2C%20DE`. Null where it
 * knows nothing.
 */
export function placeOf(cf: object | undefined): string | null {
  if (cf === undefined) return null;
  const parts: string[] = [];
  if ("city" in cf && typeof cf.city === "string" && cf.city !== "") parts.push(cf.city.toWellFormed());
  if ("country" in cf && typeof cf.country === "string") {
    if (countryShape.test(cf.country) && cf.country !== unknownCountry) parts.push(cf.country);
  }
  return parts.length === 0 ? null : encodeURIComponent(parts.join(", "));
}
