/** Crockford's base 32, lower case: no letter in it is taken for a digit. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const charBits = alphabet.length - 1;

/** Random bytes that one code is made from, one for each of its characters: 80 bits are used. */
export const recoveryCodeBytes = 16;

/** Letters that people write for digits, as Crockford's base 32 reads them. */
const misread: Readonly<Record<string, string>> = { i: "1", l: "1", o: "0" };

/** A code as it is shown, in groups of four. */
export function formatRecoveryCode(random: Uint8Array): string {
  const text = Array.from(random.subarray(0, recoveryCodeBytes), (byte) => alphabet[byte & charBits]).join("");
  return text.replaceAll(/.{4}(?=.)/g, "$&-");
}

/** A code as it is compared: without grouping, in lower case, and misread letters taken for what they were. */
export function canonicalRecoveryCode(text: string): string {
  return text.replaceAll("-", "").replaceAll(/[ilo]/g, (letter) => misread[letter] ?? letter);
}
