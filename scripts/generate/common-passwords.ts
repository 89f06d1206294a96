import { limits } from "@foyer/kernel/limits";
import { dictionary } from "@zxcvbn-ts/language-common";

/**
 * The common passwords that the users worker ships with, one a line, most common first: those of zxcvbn-ts (MIT) that are long enough to be set
 * at all.
 */
export function generateCommonPasswords(): string {
  const listed: unknown = dictionary["passwords-common"];
  if (!Array.isArray(listed)) throw new TypeError("zxcvbn-ts has no list of common passwords");
  const texts = listed.filter((entry) => typeof entry === "string" && [...entry].length >= limits.passwordCharsMin);
  return `${[...new Set(texts.map((text) => text.toLowerCase()))].join("\n")}\n`;
}
